import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedeemIdentity, redeemIdentity } from '../../lambdas/board/redeem-identity.ts';
import { signIdentity } from '../../lambdas/board/sign-identity.ts';
import { InvalidInput, NotAllowed, Unavailable } from '../../lambdas/domain/errors.ts';
import { credentials, type FakeSts, startFakeSts } from './fake-sts.ts';

const start = new Date('2026-11-21T14:00:00Z');
let now = start;
const clock = {
  now: () => now,
  randomBytes: (length: number) => new Uint8Array(randomBytes(length)),
};
const audience = 'https://api.conveyor.example/';
const request = {
  method: 'POST',
  path: '/promotions?x=1',
  body: '{"service":"payments"}',
  audience,
};

let sts: FakeSts;
let claimed: Map<string, Date>;

beforeAll(async () => {
  sts = await startFakeSts();
});
afterAll(() => sts.close());
beforeEach(() => {
  claimed = new Map();
  now = start;
  sts.seen.length = 0;
  sts.mischief.length = 0;
  sts.arn = 'arn:aws:sts::111111111111:assumed-role/person-li/li';
  sts.xml = false;
});

const sign = (change: Partial<Parameters<typeof signIdentity>[0]> = {}) =>
  signIdentity({
    ...request,
    credentials,
    region: 'us-east-1',
    stsEndpoint: sts.url,
    clock,
    ...change,
  });

async function redeem(header: string | undefined, change: Partial<RedeemIdentity> = {}) {
  const claimOnce = async (hash: string, expiresAt: Date) =>
    !claimed.has(hash) && claimed.set(hash, expiresAt).has(hash);
  return redeemIdentity({
    ...request,
    header,
    allowedEndpoint: sts.url,
    clock,
    claimOnce,
    ...change,
  });
}

/** A proof changed by hand: the text inside the header, edited and wrapped again. */
const forge = (header: string, edit: (text: string) => string) =>
  header.replace(/[^.]+$/, (text) =>
    Buffer.from(edit(Buffer.from(text, 'base64url').toString()), 'latin1').toString('base64url'),
  );

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.then(
    (identity) => Promise.reject(new Error(`accepted ${JSON.stringify(identity)}`)),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NotAllowed);
  return (error as NotAllowed).data.check;
}

describe('a proof of identity', () => {
  it.each([false, true])('names the caller, as STS saw them (XML: %s)', async (xml) => {
    sts.xml = xml;
    expect(await redeem(await sign())).toEqual({
      principal: 'arn:aws:sts::111111111111:assumed-role/person-li/li',
      account: '111111111111',
    });
  });

  it('works with credentials that have no session, and holds no secret', async () => {
    const { sessionToken: _, ...longLived } = credentials;
    const header = await sign({ credentials: longLived });
    expect((await redeem(header)).account).toBe('111111111111');
    expect(Buffer.from(header.split('.')[1] ?? '', 'base64url').toString()).not.toContain(
      credentials.secretAccessKey,
    );
  });

  it.each([
    ['method', { method: 'GET' }],
    ['path', { path: '/promotions' }],
    ['query', { path: '/promotions?x=2' }],
    ['body', { body: '{"service":"pricing"}' }],
    ['audience', { audience: 'https://other.conveyor.example/' }],
  ])('does not fit another %s: STS itself refuses the signature', async (_, change) => {
    expect(await refusal(redeem(await sign(), change))).toBe('signature');
    expect(sts.seen).toHaveLength(1);
  });

  it('lets a caller ask the same twice within a second', async () => {
    expect(await redeem(await sign())).toEqual(await redeem(await sign()));
  });

  it('works once', async () => {
    const header = await sign();
    await redeem(header);
    expect(await refusal(redeem(header))).toBe('replay');
    expect(sts.seen).toHaveLength(1);
  });

  it('works once also when it is used twice at the same moment', async () => {
    const header = await sign();
    const outcomes = await Promise.allSettled([redeem(header), redeem(header), redeem(header)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('cannot be made fresh again by writing it differently', async () => {
    const header = await sign();
    await redeem(header);
    for (const edit of [
      (text: string) =>
        text.replace(
          /(X-Amz-Signature=)(\w+)/,
          (_, name: string, hex: string) => name + hex.toUpperCase(),
        ),
      (text: string) => text.replace('Action=', '&Action='),
      (text: string) => text.replace('Action=GetCallerIdentity', '%41ction=GetCallerIdentity'),
    ])
      expect(['replay', 'X-Amz-Signature']).toContain(await refusal(redeem(forge(header, edit))));
  });

  it.each([
    ['just before it ends', 59, true],
    ['within the skew', 64, true],
    ['after it', 66, false],
    ['a day later', 86_400, false],
    ['by a clock that runs ahead', -30, true],
    ['well before it was signed', -31, false],
  ])('lives for a minute: %s', async (_, seconds, good) => {
    const header = await sign();
    now = new Date(start.getTime() + seconds * 1000);
    if (good) expect((await redeem(header)).account).toBe('111111111111');
    else expect(await refusal(redeem(header))).toBe('date');
  });

  it('keeps its claim for as long as it could be used again', async () => {
    await redeem(await sign());
    expect([...claimed.values()]).toEqual([new Date(start.getTime() + 65_000)]);
  });
});

describe('a forged proof', () => {
  it.each<[string, (text: string) => string, string]>([
    ['for another host', (t) => t.replace(/^[^/]+/, 'sts.evil.example'), 'host'],
    ['for a host with a user name', (t) => `sts.evil.example@${t}`, 'host'],
    ['for another path', (t) => t.replace('/?', '/x?'), 'host'],
    ['that assumes a role', (t) => t.replace('GetCallerIdentity', 'AssumeRole'), 'Action'],
    ['with a second action', (t) => `${t}&Action=AssumeRole`, 'parameters'],
    ['with a parameter more', (t) => `${t}&RoleArn=arn:aws:iam::1:role/x`, 'parameters'],
    ['with a prototype', (t) => `${t}&__proto__=x`, 'parameters'],
    ['without a signature', (t) => t.replace(/&X-Amz-Signature=\w+/, ''), 'parameters'],
    ['of another version', (t) => t.replace('2011-06-15', '2012-06-15'), 'Version'],
    ['of another service', (t) => t.replace('%2Fsts%2F', '%2Fs3%2F'), 'X-Amz-Credential'],
    [
      'that signs only the host',
      (t) => t.replace('%3Bx-conveyor-binding', ''),
      'X-Amz-SignedHeaders',
    ],
    [
      'that signs a header more',
      (t) => t.replace('%3Bx-conveyor-binding', '%3Bx-conveyor-binding%3Bx-evil'),
      'X-Amz-SignedHeaders',
    ],
    ['that lives for an hour', (t) => t.replace('Expires=60', 'Expires=3600'), 'expiry'],
    ['that lives for no time', (t) => t.replace('Expires=60', 'Expires=0'), 'X-Amz-Expires'],
    ['of the thirty-second of a month', (t) => t.replaceAll('20261121', '20261132'), 'date'],
    ['whose dates differ', (t) => t.replace('Date=20261121', 'Date=20261120'), 'date'],
    ['with a line break', (t) => `${t}\r\nX: y`, 'header'],
    ['with a fragment', (t) => `${t}#x`, 'X-Amz-Signature'],
    [
      'with another signature',
      (t) => t.replace(/Signature=\w{8}/, 'Signature=00000000'),
      'signature',
    ],
    ['with another key', (t) => t.replace('AKIDEXAMPLE', 'AKIDOTHER'), 'signature'],
    ['of nothing', () => '', 'header'],
  ])('%s is refused by name', async (_, edit, check) => {
    const header = forge(await sign(), edit);
    expect(await refusal(redeem(header))).toBe(check);
    expect(sts.seen).toHaveLength(check === 'signature' ? 1 : 0);
  });

  it.each([undefined, '', 'not base64url!', 'A'.repeat(20_000)])(
    'that is no proof at all is refused: %#',
    async (header) => {
      expect(await refusal(redeem(header))).toBe('header');
      expect(claimed.size).toBe(0);
    },
  );

  it('with another nonce does not fit its signature', async () => {
    const header = await sign();
    expect(await refusal(redeem(`${'A'.repeat(22)}${header.slice(22)}`))).toBe('signature');
  });

  it('cannot shift text from one field into the next', async () => {
    await expect(sign({ path: '/a\nb' })).rejects.toBeInstanceOf(InvalidInput);
    expect(await refusal(redeem(await sign(), { path: '/promotions?x=1\n' }))).toBe('request');
  });
});

describe('what STS answers', () => {
  it.each(['arn:aws:iam::111111111111:root', 'arn:aws:iam::000000000000:root'])(
    '%s is nobody',
    async (arn) => {
      sts.arn = arn;
      expect(await refusal(redeem(await sign()))).toBe('root');
    },
  );

  it.each<[string, string]>([
    ['another shape', '{"Arn":"arn:aws:sts::111111111111:assumed-role/person-li/li"}'],
    ['no JSON', 'hello'],
    ['an error in XML', '<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>'],
    [
      'two callers',
      '<r><Arn>arn:aws:iam::111111111111:user/a</Arn><Arn>arn:aws:iam::111111111111:user/b</Arn><Account>111111111111</Account></r>',
    ],
    ['an entity', '<!DOCTYPE r><r><Arn>a</Arn><Account>111111111111</Account></r>'],
  ])('that is %s is refused', async (_, body) => {
    sts.mischief.push((response) => response.end(body));
    expect(await refusal(redeem(await sign()))).toBe('reply');
  });

  it('that names a principal of another account is refused', async () => {
    sts.mischief.push((response) =>
      response.end(
        '<r><Arn>arn:aws:iam::222222222222:user/a</Arn><Account>111111111111</Account></r>',
      ),
    );
    expect(await refusal(redeem(await sign()))).toBe('principal');
  });

  it('with 5xx is asked once more', async () => {
    sts.mischief.push((response) => response.writeHead(503).end());
    expect((await redeem(await sign())).account).toBe('111111111111');
    expect(sts.seen).toHaveLength(2);
  });

  it.each<[string, FakeSts['mischief'][number]]>([
    ['5xx twice', (response) => response.writeHead(500).end()],
    ['a cut line', (response) => response.destroy()],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: 'http://evil.example/' }).end(),
    ],
    ['a reply without end', (response) => response.end('x'.repeat(100_000))],
  ])('as %s lets nobody in, and may be tried again', async (_, mischief) => {
    sts.mischief.push(mischief, mischief);
    await expect(redeem(await sign())).rejects.toBeInstanceOf(Unavailable);
  });
});
