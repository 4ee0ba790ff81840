import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import { stsEndpoint } from '../../../lambdas/domain/partition.ts';
import { configuredRegion, findCredentials, regionOf } from '../connect.ts';
import type { Context } from '../context.ts';
import { send } from '../send.ts';

const Identity = z.object({
  GetCallerIdentityResponse: z.object({
    GetCallerIdentityResult: z.object({ Account: z.string() }),
  }),
});

/** The region of the credentials at hand; undefined where none is set. */
export async function findRegion({ host }: Context): Promise<string | undefined> {
  return regionOf(host.env, undefined) ?? (await configuredRegion().catch(() => undefined));
}

/** The account of the credentials at hand, as STS says; undefined where there are none, or nobody answers. */
export async function findAccount(context: Context): Promise<string | undefined> {
  try {
    const region = (await findRegion(context)) ?? 'us-east-1';
    return await askSts(context, region);
  } catch {
    // A proposal that cannot be made is none; whoever runs `init` names the account then.
    return undefined;
  }
}

async function askSts({ host, clock }: Context, region: string): Promise<string> {
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
  const { body } = await send(url, 'GET', { accept: 'application/json' }, '', host.interrupted);
  const identity = Identity.parse(JSON.parse(body));
  return identity.GetCallerIdentityResponse.GetCallerIdentityResult.Account;
}
