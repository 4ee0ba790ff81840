import { KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { KmsSealer } from '../adapters/kms-sealer.ts';
import { readEnv } from './env.ts';

const env = readEnv({ KEY_ARN: z.string().min(1) });

export const sealer = new KmsSealer(new KMSClient({}), env.KEY_ARN);
