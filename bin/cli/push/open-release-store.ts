import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { s3Client } from '../../../lambdas/adapters/s3-client.ts';
import { S3Objects } from '../../../lambdas/adapters/s3-objects.ts';
import type { StoreReply } from '../../../lambdas/board/contract.ts';
import { NotAllowed } from '../../../lambdas/domain/errors.ts';
import type { Objects } from '../../../lambdas/ports/objects.ts';
import type { IoHost } from '../io-host.ts';

/**
 * The bucket that CI pushes to: S3 by the AWS credentials at hand, R2 by the access key in the environment.
 * @throws NotAllowed that names the variable which is missing
 */
export function openReleaseStore(store: StoreReply, env: IoHost['env']): Objects {
  const client =
    store.kind === 's3'
      ? s3Client({
          region: store.region,
          credentials: fromNodeProviderChain(),
          // The SDKs' own variables for another endpoint (SDK reference guide, "Service-specific endpoints").
          endpoint: env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL,
        })
      : s3Client({ region: 'auto', endpoint: store.endpoint, credentials: r2Keys(env) });
  return new S3Objects(client, store.bucket);
}

/** As people write it. */
export const storeWords = ({ kind, bucket }: StoreReply) => `${kind}://${bucket}`;

function r2Keys(env: IoHost['env']) {
  return {
    accessKeyId: variable(env, 'R2_ACCESS_KEY_ID'),
    secretAccessKey: variable(env, 'R2_SECRET_ACCESS_KEY'),
  };
}

function variable(env: IoHost['env'], name: string): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new NotAllowed(`releases of this service are pushed to R2, and ${name} is not set`, {
    data: { name },
    fix: 'Set R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY to an R2 token that may write objects in that bucket.',
  });
}
