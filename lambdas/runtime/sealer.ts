import { KMSClient } from '@aws-sdk/client-kms';
import { KmsSealer } from '../adapters/kms-sealer.ts';
import { readEnv, STATE_ENV } from './env.ts';

export const sealer = new KmsSealer(
  new KMSClient({}),
  readEnv({ KEY_ARN: STATE_ENV.KEY_ARN }).KEY_ARN,
);
