import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeSts {
  readonly url: URL;
  /** Requests as they arrived, path and query. */
  readonly seen: string[];
  /** What to do instead of answering, once per entry. */
  readonly mischief: ((response: ServerResponse) => void)[];
  arn: string;
  xml: boolean;
  close(): Promise<void>;
}

const SECRETS: Readonly<Record<string, string>> = { AKIDEXAMPLE: 'secret-of-li' };
export const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret-of-li',
  sessionToken: 'token+of/li==',
};

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * An STS that really recomputes Signature Version 4 (IAM User Guide, "Create a signed AWS API request"), written by
 * hand from the documentation, so that it shares no code with the signer under test.
 */
export async function startFakeSts(): Promise<FakeSts> {
  const server = createServer((request, response) => answer(sts, request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const sts: FakeSts = {
    url: new URL(`http://127.0.0.1:${port}`),
    seen: [],
    mischief: [],
    arn: 'arn:aws:sts::111111111111:assumed-role/person-li/li',
    xml: false,
    close: () => new Promise((done) => server.close(() => done())),
  };
  return sts;
}

function answer(sts: FakeSts, request: IncomingMessage, response: ServerResponse): void {
  sts.seen.push(request.url ?? '');
  const mischief = sts.mischief.shift();
  if (mischief !== undefined) {
    mischief(response);
    return;
  }
  if (!signatureHolds(request)) {
    response
      .writeHead(403)
      .end('<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>');
    return;
  }
  const Account = sts.arn.split(':')[4] ?? '';
  const json = {
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: { Account, Arn: sts.arn, UserId: 'AROA:li' },
    },
  };
  const xml = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${sts.arn}</Arn><Account>${Account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  response
    .writeHead(200)
    .end(sts.xml || request.headers.accept !== 'application/json' ? xml : JSON.stringify(json));
}

function signatureHolds(request: IncomingMessage): boolean {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  const query = [...url.searchParams];
  const value = (name: string) => url.searchParams.get(name) ?? '';
  const [key = '', date = '', region = '', service = '', end = ''] =
    value('X-Amz-Credential').split('/');
  const signed = value('X-Amz-SignedHeaders').split(';');
  const canonical = [
    request.method,
    url.pathname,
    query
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, text]) => `${encode(name)}=${encode(text)}`)
      .sort()
      .join('&'),
    ...signed.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    signed.join(';'),
    sha256(''),
  ].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    value('X-Amz-Date'),
    `${date}/${region}/${service}/${end}`,
    sha256(canonical),
  ].join('\n');
  const signingKey = [region, service, end].reduce(hmac, hmac(`AWS4${SECRETS[key]}`, date));
  return hmac(signingKey, toSign).toString('hex') === value('X-Amz-Signature');
}
