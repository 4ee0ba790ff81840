import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import { NotAllowed } from '../../lambdas/domain/errors.ts';
import { stsEndpoint } from '../../lambdas/domain/partition.ts';
import { findCredentials } from './connect.ts';
import type { Context } from './context.ts';
import { send } from './send.ts';

const Reply = z.object({
  GetCallerIdentityResponse: z.object({
    GetCallerIdentityResult: z.object({ Account: z.string(), Arn: z.string() }),
  }),
});

/** Whose credentials are at hand. */
export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
}

/** As STS says. @throws NotAllowed without credentials, or where STS refuses them; Unavailable */
export async function readCallerIdentity(
  { host, clock }: Pick<Context, 'host' | 'clock'>,
  region: string,
): Promise<CallerIdentity> {
  const named = host.env.AWS_ENDPOINT_URL_STS ?? host.env.AWS_ENDPOINT_URL;
  const endpoint = named === undefined ? stsEndpoint(region) : new URL(named);
  const signer = new SignatureV4({
    service: 'sts',
    region,
    credentials: await findCredentials(),
    sha256: Sha256,
  });
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol: endpoint.protocol,
      hostname: endpoint.hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: endpoint.host },
    },
    { expiresIn: 60, signingDate: clock.now() },
  );
  const url = new URL(`/?${new URLSearchParams(query as Record<string, string>)}`, endpoint);
  const { status, body } = await send(
    url,
    'GET',
    { accept: 'application/json' },
    '',
    host.interrupted,
  );
  if (status !== 200)
    throw new NotAllowed(`STS refuses these credentials (${status})`, {
      data: { status },
      fix: 'Sign in again (aws sso login), or set AWS_PROFILE.',
    });
  const { Account, Arn } = Reply.parse(JSON.parse(body)).GetCallerIdentityResponse
    .GetCallerIdentityResult;
  return { account: Account, arn: Arn };
}
