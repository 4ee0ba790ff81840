import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export const ROLE_KEYS = {
  AccessKeyId: 'ASIACOMPOSEHOST',
  SecretAccessKey: 'secret+of/the"role\\',
  Token: 'session/token+of==the==role',
};

/** The metadata service (version 2), Parameter Store and ECR, as a host sees them. */
export interface ComposeDesk {
  readonly endpoint: string;
  /** `AmazonSSM.GetParametersByPath {"Path":…}`, in the order in which they came. */
  readonly calls: readonly string[];
  /** By full name. */
  readonly parameters: Map<string, string>;
  /** What GetAuthorizationToken gave out and still holds; the desk's registry lets nobody else in. */
  readonly tokens: Set<string>;
  /** The next so many calls are throttled. */
  throttle: number;
  close(): Promise<void>;
}

const PAGE = 3;

export async function openComposeDesk(): Promise<ComposeDesk> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const desk = {
    calls,
    parameters: new Map<string, string>(),
    tokens: new Set<string>(),
    throttle: 0,
  };

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const path = request.url ?? '';
    if (path.startsWith('/latest/')) return answerMetadata(request, response, path);
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const target = String(request.headers['x-amz-target']);
    calls.push(`${target} ${body}`);
    if (!signed(request)) return said(response, 403, { __type: 'InvalidSignatureException' });
    if (desk.throttle > 0) {
      desk.throttle--;
      return said(response, 400, { __type: 'ThrottlingException', message: 'Rate exceeded' });
    }
    if (target.endsWith('.GetAuthorizationToken')) {
      const token = randomBytes(40).toString('hex');
      desk.tokens.add(token);
      const authorizationToken = Buffer.from(`AWS:${token}`).toString('base64');
      return said(response, 200, { authorizationData: [{ authorizationToken }] });
    }
    if (target !== 'AmazonSSM.GetParametersByPath')
      return said(response, 400, { __type: 'UnknownOperationException' });
    return said(response, 200, page(desk.parameters, JSON.parse(body)));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(desk, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

/** In pages, as Parameter Store does; without WithDecryption a value is of no use. */
function page(
  parameters: ReadonlyMap<string, string>,
  asked: { Path: string; NextToken?: string; Recursive: boolean; WithDecryption: boolean },
) {
  const below = [...parameters].filter(
    ([name]) =>
      name.startsWith(`${asked.Path}/`) &&
      (asked.Recursive || !name.slice(asked.Path.length + 1).includes('/')),
  );
  const from = Number(asked.NextToken ?? 0);
  return {
    Parameters: below.slice(from, from + PAGE).map(([Name, value]) => ({
      Name,
      Type: 'SecureString',
      Value: asked.WithDecryption ? value : 'AQICAHh…',
    })),
    ...(from + PAGE < below.length && { NextToken: String(from + PAGE) }),
  };
}

function signed(request: IncomingMessage): boolean {
  const told = request.headers.authorization ?? '';
  return (
    told.startsWith(`AWS4-HMAC-SHA256 Credential=${ROLE_KEYS.AccessKeyId}/`) &&
    /\/eu-central-1\/(ssm|ecr)\/aws4_request/.test(told) &&
    /SignedHeaders=[^,]*x-amz-security-token[^,]*/.test(told) &&
    request.headers['x-amz-security-token'] === ROLE_KEYS.Token
  );
}

const TOKEN = 'token-of-the-metadata-service';
const ROLES = '/latest/meta-data/iam/security-credentials/';

function answerMetadata(request: IncomingMessage, response: ServerResponse, path: string) {
  if (path === '/latest/api/token' && request.method === 'PUT') return response.end(TOKEN);
  if (request.headers['x-aws-ec2-metadata-token'] !== TOKEN) return said(response, 401, {});
  if (path === '/latest/meta-data/placement/region') return response.end('eu-central-1');
  if (path === ROLES) return response.end('host-role');
  return said(response, path === `${ROLES}host-role` ? 200 : 404, ROLE_KEYS);
}

function said(response: ServerResponse, status: number, body: object) {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}

/** A registry that asks for a name and a token, as ECR does, before one that asks for nothing; hangs up on `lost` ones. */
export async function guardRegistry(
  registry: URL,
  tokens: ReadonlySet<string>,
  lost: ReadonlySet<string>,
) {
  const server = createServer((request, response) => {
    if (lost.has(request.url?.split('/')[2] ?? '')) {
      response.destroy();
      return;
    }
    const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const [user, token = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    if (user !== 'AWS' || !tokens.has(token)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="ecr"' });
      response.end('{"errors":[{"code":"UNAUTHORIZED"}]}');
      return;
    }
    const { authorization: _, ...headers } = request.headers;
    const onward = forward(
      new URL(request.url ?? '/', registry),
      { method: request.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
