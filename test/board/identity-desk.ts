import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type RedeemIdentity, redeemIdentity } from '../../lambdas/board/redeem-identity.ts';
import { signIdentity } from '../../lambdas/board/sign-identity.ts';
import { NotAllowed } from '../../lambdas/domain/errors.ts';
import { credentials, type FakeSts, startFakeSts } from './fake-sts.ts';

export const start = new Date('2026-11-21T14:00:00Z');
const audience = 'https://api.conveyor.example/';
const request = {
  method: 'POST',
  path: '/promotions?x=1',
  body: '{"service":"payments"}',
  audience,
};

/** Both ends of a proof of identity and the STS between them, for the tests of one file; each starts afresh. */
export function openDesk() {
  let now = start;
  let sts: FakeSts;
  let claimed: Map<string, Date>;
  const clock = {
    now: () => now,
    randomBytes: (length: number) => new Uint8Array(randomBytes(length)),
  };

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

  return {
    get sts() {
      return sts;
    },
    /** What was used, by its hash, and until when that is kept. */
    get claimed() {
      return claimed;
    },
    pass(seconds: number) {
      now = new Date(now.getTime() + seconds * 1000);
    },
    sign: (change: Partial<Parameters<typeof signIdentity>[0]> = {}) =>
      signIdentity({
        ...request,
        credentials,
        region: 'us-east-1',
        stsEndpoint: sts.url,
        clock,
        ...change,
      }),
    redeem: async (header: string | undefined, change: Partial<RedeemIdentity> = {}) => {
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
    },
  };
}

/** A proof changed by hand: the text inside the header, edited and wrapped again. */
export const forge = (header: string, edit: (text: string) => string) =>
  header.replace(/[^.]+$/, (text) =>
    Buffer.from(edit(Buffer.from(text, 'base64url').toString()), 'latin1').toString('base64url'),
  );

/** Which check refused it. Taking it in is an error. */
export async function refusal(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.then(
    (identity) => Promise.reject(new Error(`accepted ${JSON.stringify(identity)}`)),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NotAllowed);
  return (error as NotAllowed).data.check;
}
