import * as z from 'zod';
import { readEnv } from './env.ts';

// The SDKs' own variables for another endpoint (SDK reference guide, "Service-specific endpoints").
const env = readEnv({
  AWS_ENDPOINT_URL: z.url().optional(),
  AWS_ENDPOINT_URL_S3: z.url().optional(),
});

/** Undefined: AWS's own. */
export const s3Endpoint = env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
