import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { SfnExecutions } from '../adapters/sfn-executions.ts';
import { readEnv } from './env.ts';

const env = readEnv({ PROMOTE_MACHINE_ARN: z.string().min(1) });

export const executions = new SfnExecutions(new SFNClient({}), env.PROMOTE_MACHINE_ARN);
