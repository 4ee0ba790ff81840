import { handle } from 'hono/aws-lambda';
import * as z from 'zod';
import { keys } from '../adapters/table-keys.ts';
import { NotAllowed } from '../domain/errors.ts';
import { stsEndpoint } from '../domain/partition.ts';
import { deployments } from '../runtime/argocd.ts';
import { clock } from '../runtime/clock.ts';
import { readEnv } from '../runtime/env.ts';
import { executions } from '../runtime/executions.ts';
import { logger } from '../runtime/handler.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { provisioner } from '../runtime/provisioner.ts';
import { sealer } from '../runtime/sealer.ts';
import { secret } from '../runtime/ssm.ts';
import * as state from '../runtime/state.ts';
import { apiApp } from './api-app.ts';
import { redeemIdentity } from './redeem-identity.ts';

const env = readEnv({
  URL_PARAMETER: z.string().min(1),
  AWS_REGION: z.string(),
  AWS_ENDPOINT_URL: z.url().optional(),
});
// The SDKs' own variable for another endpoint (SDK reference guide, "Service-specific endpoints").
const sts =
  env.AWS_ENDPOINT_URL === undefined ? stsEndpoint(env.AWS_REGION) : new URL(env.AWS_ENDPOINT_URL);

const app = apiApp({
  ...state,
  clock,
  executions,
  sealer,
  deployments,
  provisioner,
  config: loadConfig,
  ledger: {
    read: async (paths, since) => ledger(await loadConfig()).read(paths, since),
    commit: async (change) => ledger(await loadConfig()).commit(change),
  },
  identify: async ({ signedBy, ...request }) => {
    const identity = await redeemIdentity({
      ...request,
      audience: await secret(env.URL_PARAMETER),
      allowedEndpoint: sts,
      clock,
      claimOnce: (hash, expiresAt) =>
        state.table.write([
          {
            ...keys.once(hash),
            expected: 'absent',
            value: {},
            ttl: Math.ceil(expiresAt.getTime() / 1_000) + 60,
          },
        ]),
    });
    if (signedBy === undefined || signedBy === identity.principal) return identity;
    throw new NotAllowed(`${signedBy} sent the proof of somebody else`, { data: { signedBy } });
  },
  report: (error) =>
    logger.error('The API failed', {
      error: error instanceof Error ? error : new Error(String(error)),
    }),
});

export const handler = handle(app);
