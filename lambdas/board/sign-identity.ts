import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import { InvalidInput } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import {
  BINDING_HEADER,
  type BoundRequest,
  bindingOf,
  hasLineBreak,
  IDENTITY_SECONDS,
} from './identity-binding.ts';

export interface SignIdentity extends BoundRequest {
  readonly credentials: AwsCredentialIdentity;
  readonly region: string;
  readonly stsEndpoint: URL;
  readonly clock: Pick<Clock, 'now' | 'randomBytes'>;
}

/**
 * Proves who calls without an API of AWS that could be asked about a caller: a presigned GetCallerIdentity, which the
 * server redeems at STS (as Vault and EKS do). The value of `x-conveyor-identity`; no secret is in it, and it is good
 * for this request only.
 */
export async function signIdentity(request: SignIdentity): Promise<string> {
  if (hasLineBreak(request))
    throw new InvalidInput('a method, path or audience has no line breaks');
  const { credentials, region, stsEndpoint, clock } = request;
  const nonce = Buffer.from(clock.randomBytes(16)).toString('base64url');
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: stsEndpoint.protocol,
      hostname: stsEndpoint.hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: stsEndpoint.host, [BINDING_HEADER]: bindingOf(request, nonce) },
    },
    { expiresIn: IDENTITY_SECONDS, signingDate: clock.now() },
  );
  const query = new URLSearchParams(signed.query as Record<string, string>).toString();
  return `${nonce}.${Buffer.from(`${stsEndpoint.host}/?${query}`).toString('base64url')}`;
}
