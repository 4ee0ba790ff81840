import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { SfnProvisionStarter } from '../adapters/sfn-provision-starter.ts';
import { readEnv } from './env.ts';

const env = readEnv({ PROVISION_MACHINE_ARN: z.string().min(1) });

export const provisioner = new SfnProvisionStarter(new SFNClient({}), env.PROVISION_MACHINE_ARN);
