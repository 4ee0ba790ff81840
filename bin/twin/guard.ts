import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ACCOUNTS, type AccountName, REGION } from './layout.ts';

export class NotTheTwin extends Error {
  override readonly name = 'NotTheTwin';
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * The twin deploys and deletes without asking, so it must be sure that what it talks to is the emulator: a loopback
 * endpoint, the emulator's own health page, and an STS that names the emulated account. Anything else is refused
 * (aws-cdk-local#103 deployed to a real account because an endpoint was ignored).
 */
export async function requireTwin(endpoint: URL): Promise<void> {
  if (!LOOPBACK.has(endpoint.hostname))
    throw new NotTheTwin(`${endpoint.origin} is not on this machine: refused`);
  const health = await fetch(new URL('/_ministack/health', endpoint))
    .then((reply) => reply.json() as Promise<{ services?: unknown }>)
    .catch(() => undefined);
  if (typeof health?.services !== 'object')
    throw new NotTheTwin(`${endpoint.origin} has no health page of the emulator: refused`);
  for (const name of Object.keys(ACCOUNTS) as AccountName[]) {
    const client = new STSClient({
      endpoint: endpoint.origin,
      region: REGION,
      credentials: { accessKeyId: ACCOUNTS[name], secretAccessKey: 'twin' },
    });
    const { Account } = await client.send(new GetCallerIdentityCommand({}));
    if (Account !== ACCOUNTS[name])
      throw new NotTheTwin(
        `STS at ${endpoint.origin} names account ${Account}, not the twin's ${ACCOUNTS[name]}: refused`,
      );
  }
}
