import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionCredentials } from '../child-environment.ts';

/** What an instance is told of itself. */
export interface Instance {
  readonly id: string;
  readonly role: string;
  credentials(): Promise<SessionCredentials>;
}

/** An hour, as a role's session has. */
const GOOD_FOR_MS = 3_600_000;
const HEADER = 'x-aws-ec2-metadata-token';

/**
 * The instance metadata service, version 2 alone ("Use the Instance Metadata Service", EC2 guide): a token first, by PUT; then
 * the instance's id, its role, and the role's credentials.
 * @param who the instance at that address; undefined where there is none
 * @returns whether the request was for it
 */
export function instanceMetadata(
  who: (address: string) => Promise<Instance | undefined>,
): (incoming: IncomingMessage, outgoing: ServerResponse) => boolean {
  const tokens = new Set<string>();
  const answer = async (incoming: IncomingMessage): Promise<[number, string]> => {
    const path = incoming.url?.replace(/^\/latest\//, '') ?? '';
    if (path === 'api/token') {
      if (incoming.method !== 'PUT') return [405, ''];
      const token = randomBytes(24).toString('base64url');
      tokens.add(token);
      return [200, token];
    }
    if (!tokens.has(String(incoming.headers[HEADER]))) return [401, ''];
    const instance = await who(incoming.socket.remoteAddress ?? '');
    if (instance === undefined) return [404, ''];
    if (path === 'meta-data/instance-id') return [200, instance.id];
    const roles = 'meta-data/iam/security-credentials/';
    if (path === roles) return [200, instance.role];
    if (path === `${roles}${instance.role}`)
      return [200, credentialsText(await instance.credentials())];
    return [404, ''];
  };
  return (incoming, outgoing) => {
    if (!incoming.url?.startsWith('/latest/')) return false;
    answer(incoming)
      .catch((error): [number, string] => [500, String(error)])
      .then(([status, text]) => outgoing.writeHead(status).end(text));
    return true;
  };
}

function credentialsText({ accessKeyId, secretAccessKey, sessionToken }: SessionCredentials) {
  return JSON.stringify({
    Code: 'Success',
    Type: 'AWS-HMAC',
    LastUpdated: new Date().toISOString(),
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: new Date(Date.now() + GOOD_FOR_MS).toISOString(),
  });
}
