import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Empty where the keys are for good. */
  readonly sessionToken: string;
}

/** What the instance's role gives. */
export const ROLE: Keys = {
  accessKeyId: 'ASIAOFTHEROLEOFHOSTS',
  secretAccessKey: 'the/secret+of/the/role/of/hosts/0123456',
  sessionToken: 'the/session+token/of/the/role==',
};

export interface ParameterStore {
  /** As a container reaches it. */
  readonly endpoint: string;
  /** Name → value; SecureStrings all. */
  readonly parameters: Map<string, string>;
  /** Who asked for which parameters: the access key, and the names. */
  readonly asked: { readonly by: string; readonly names: readonly string[] }[];
  /** Answers 500 while true. */
  down: boolean;
  close(): Promise<void>;
}

/** SSM's GetParameters and the metadata service on the docker bridge; only what is signed by one of these keys is answered. */
export async function openParameterStore(known: readonly Keys[]): Promise<ParameterStore> {
  const parameters = new Map<string, string>();
  const asked: { by: string; names: readonly string[] }[] = [];

  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const [status, answer] = store.down
      ? [500, 'down']
      : (metadata(request) ?? (await getParameters(request, body)));
    response.writeHead(status).end(answer);
  });

  async function getParameters(request: IncomingMessage, body: string): Promise<[number, string]> {
    const keys = await signer(request, body, known);
    if (keys === undefined) return [403, '{"__type":"InvalidSignatureException"}'];
    const { Names, WithDecryption } = JSON.parse(body) as {
      Names: string[];
      WithDecryption: boolean;
    };
    if (Names.length > 10 || !WithDecryption) return [400, '{"__type":"ValidationException"}'];
    asked.push({ by: keys.accessKeyId, names: Names });
    const found = Names.filter((name) => parameters.has(name));
    const Parameters = found.map((name) => ({
      Name: name,
      Type: 'SecureString',
      Value: parameters.get(name),
    }));
    const InvalidParameters = Names.filter((name) => !parameters.has(name));
    return [200, JSON.stringify({ Parameters, InvalidParameters })];
  }

  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const store: ParameterStore = {
    endpoint: `http://host.docker.internal:${port}`,
    parameters,
    asked,
    down: false,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return store;
}

const TOKEN = 'a-token-of-the-metadata-service';
const PATH = '/latest/meta-data/iam/security-credentials/';

function metadata({ url, method, headers }: IncomingMessage): [number, string] | undefined {
  if (url === '/latest/api/token') return method === 'PUT' ? [200, TOKEN] : [405, ''];
  if (url?.startsWith('/latest/') !== true) return undefined;
  if (headers['x-aws-ec2-metadata-token'] !== TOKEN) return [401, ''];
  if (url === PATH) return [200, 'hosts'];
  const { accessKeyId, secretAccessKey, sessionToken } = ROLE;
  const answer = {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
  };
  return url === `${PATH}hosts` ? [200, JSON.stringify(answer)] : [404, ''];
}

/** Whose signature it is, as AWS's own library makes it; undefined where it is nobody's. */
async function signer(
  { headers, method = '' }: IncomingMessage,
  body: string,
  known: readonly Keys[],
): Promise<Keys | undefined> {
  const told =
    /Credential=(\w+)\/\d{8}\/([a-z0-9-]+)\/ssm\/aws4_request, *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  const keys = known.find(({ accessKeyId }) => accessKeyId === told?.[1]);
  if (told === null || keys === undefined) return undefined;
  if ((headers['x-amz-security-token'] ?? '') !== keys.sessionToken) return undefined;
  const [, , region = '', names = '', signature] = told;
  const signed = Object.fromEntries(
    names.split(';').map((name) => [name, String(headers[name])] as const),
  );
  const date = String(headers['x-amz-date']).replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  const again = await new SignatureV4({
    service: 'ssm',
    region,
    credentials: { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey },
    sha256: Sha256,
    applyChecksum: false,
  }).sign(
    { method, protocol: 'http:', hostname: 'desk', path: '/', headers: signed, body },
    { signingDate: new Date(date) },
  );
  return again.headers.authorization?.endsWith(`Signature=${signature}`) === true
    ? keys
    : undefined;
}
