import { type ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import * as z from 'zod';
import { RegistryRefused, RegistryUnavailable } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Registry } from '../ports/registry.ts';
import { OciRegistry } from './oci-registry.ts';
import { isTransient } from './registry-failure.ts';

export interface EcrOptions {
  /** Carries the region and whose registry it is: the account of its credentials. */
  readonly client: ECRClient;
  readonly clock: Clock;
}

interface Token {
  readonly authorization: string;
  readonly expiresAt: Date;
  readonly endpoint: URL;
}

const RENEWED_BEFORE_MILLISECONDS = 15 * 60_000;

/** ECR API, `AuthorizationData`. */
const AuthorizationData = z.object({
  authorizationToken: z.string().min(1),
  expiresAt: z.date(),
  proxyEndpoint: z.url(),
});

/**
 * The ECR registry of the client's account and region. Its token (12 hours) is kept, renewed in time, and
 * renewed once when ECR refuses it earlier.
 * @throws RegistryUnavailable, RegistryRefused, NotAllowed (an endpoint without TLS)
 */
export async function ecrRegistry({ client, clock }: EcrOptions): Promise<Registry> {
  let current = requestToken(client);

  const authorization = async (refused?: string): Promise<string> => {
    const asked = current;
    const token = await asked.catch(() => undefined);
    if (current !== asked) return (await current).authorization;
    const stale =
      token === undefined ||
      token.authorization === refused ||
      token.expiresAt.getTime() - clock.now().getTime() < RENEWED_BEFORE_MILLISECONDS;
    if (stale) current = requestToken(client);
    return (await current).authorization;
  };

  const { endpoint } = await current;
  return new OciRegistry({ endpoint, authorization, clock });
}

async function requestToken(client: ECRClient): Promise<Token> {
  const reply = await client.send(new GetAuthorizationTokenCommand({})).catch((cause: unknown) => {
    throw explain(cause);
  });
  const parsed = AuthorizationData.safeParse(reply.authorizationData?.[0]);
  if (!parsed.success) {
    throw new RegistryUnavailable('ECR gave no usable authorization token', {
      cause: parsed.error,
    });
  }
  const { authorizationToken, expiresAt, proxyEndpoint } = parsed.data;
  const endpoint = new URL(proxyEndpoint);
  return { authorization: `Basic ${authorizationToken}`, expiresAt, endpoint };
}

const SdkFailure = z.object({
  name: z.string(),
  $metadata: z.object({ httpStatusCode: z.number() }),
});

/** Without a status the call never arrived; 4xx other than throttling is a matter of permissions. */
function explain(cause: unknown): RegistryRefused | RegistryUnavailable {
  const { data } = SdkFailure.safeParse(cause);
  const status = data?.$metadata.httpStatusCode;
  const details = { data: { code: data?.name, status }, cause };
  const message = `ECR gave no authorization token: ${data?.name ?? 'no answer'}`;
  const refused =
    status !== undefined && !isTransient(status) && data?.name !== 'ThrottlingException';
  if (!refused) return new RegistryUnavailable(message, details);
  const fix = 'Allow ecr:GetAuthorizationToken to the role in use.';
  return new RegistryRefused(message, { ...details, fix });
}
