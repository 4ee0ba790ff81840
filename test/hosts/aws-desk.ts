import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

/** What an instance with a role gets. The secret and the token must be seen nowhere on a host. */
export const ROLE_KEYS = {
  accessKeyId: 'ASIAHOSTROLE',
  secretAccessKey: 'secret/of+the"role\\=',
  sessionToken: 'session+token/of=the==role',
};

export const BUCKET = 'releases-dev';
export const REGION = 'eu-central-1';

/** `cut`: half of the object comes, then the line is dead. `denied`: as for a role without the right. */
export type ObjectFault = 'cut' | 'denied';

/** The metadata service (version 2), S3 and a JSON API as a host sees them, on one port of every address here. */
export interface AwsDesk {
  readonly port: number;
  /** Requests in the order in which they came: `GET s3 /bucket/key`. */
  readonly calls: readonly string[];
  /** Why requests were refused: a signature that is missing or wrong. */
  readonly refusals: readonly string[];
  put(key: string, object: Buffer, fault?: ObjectFault): void;
  close(): Promise<void>;
}

export async function openAwsDesk(): Promise<AwsDesk> {
  const objects = new Map<string, { object: Buffer; fault: ObjectFault | undefined }>();
  const calls: string[] = [];
  const refusals: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url ?? '/', 'http://desk');
    if (pathname.startsWith('/latest/')) return answerMetadata(request, response, pathname);
    const body = Buffer.concat(await request.toArray());
    const service = request.method === 'POST' ? 'ssm' : 's3';
    calls.push(`${request.method} ${service} ${pathname}`);
    const wrong = await whatIsWrong(request, pathname, service, body);
    if (wrong !== undefined) {
      refusals.push(wrong);
      return end(response, 403, `<Error>${wrong}</Error>`);
    }
    if (service === 'ssm')
      return end(
        response,
        200,
        JSON.stringify({ target: request.headers['x-amz-target'], body: `${body}` }),
      );
    const found = objects.get(pathname.slice(`/${BUCKET}/`.length));
    if (found === undefined) return end(response, 404, '<Error>NoSuchKey</Error>');
    if (found.fault === 'denied') return end(response, 403, '<Error>AccessDenied</Error>');
    if (found.fault === undefined) return end(response, 200, found.object);
    response.writeHead(200, { 'content-length': found.object.length });
    response.write(found.object.subarray(0, found.object.length / 2), () => response.destroy());
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      refusals.push(String(error));
      response.destroy();
    });
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    calls,
    refusals,
    put: (key, object, fault) => void objects.set(key, { object, fault }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const TOKEN = 'token-of-the-metadata-service';
const ROLE = 'latest/meta-data/iam/security-credentials';

function answerMetadata(request: IncomingMessage, response: ServerResponse, path: string) {
  if (path === '/latest/api/token') {
    const asked =
      request.method === 'PUT' && request.headers['x-aws-ec2-metadata-token-ttl-seconds'];
    return end(response, asked ? 200 : 405, TOKEN);
  }
  if (request.headers['x-aws-ec2-metadata-token'] !== TOKEN) return end(response, 401, '');
  if (path === `/${ROLE}/`) return end(response, 200, 'host-role');
  if (path !== `/${ROLE}/host-role`) return end(response, 404, '');
  const { accessKeyId, secretAccessKey, sessionToken } = ROLE_KEYS;
  const keys = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken };
  return end(response, 200, JSON.stringify({ Code: 'Success', ...keys }));
}

/** Signs the request anew, as AWS's own library does it, and compares. */
async function whatIsWrong(
  request: IncomingMessage,
  path: string,
  service: string,
  body: Buffer,
): Promise<string | undefined> {
  const told = /SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/.exec(
    request.headers.authorization ?? '',
  );
  if (told === null) return 'no signature';
  const names = (told[1] ?? '').split(';');
  if (!names.includes('x-amz-security-token')) return 'the session token is not signed';
  const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name])]));
  const [, y, mo, d, h, mi, s] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers['x-amz-date'] ?? '') ?? [];
  const signer = new SignatureV4({
    service,
    region: REGION,
    credentials: ROLE_KEYS,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: false,
  });
  const again = await signer.sign(
    { method: request.method ?? '', protocol: 'http:', hostname: 'desk', path, headers, body },
    { signingDate: new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) },
  );
  return again.headers.authorization?.endsWith(`Signature=${told[2]}`)
    ? undefined
    : `another signature than ${again.headers.authorization}`;
}

function end(response: ServerResponse, status: number, body: string | Buffer) {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
