import { describe, expect, it } from 'vitest';
import { credentials } from './fake-sts.ts';
import { forge, openDesk, refusal, start } from './identity-desk.ts';

const desk = openDesk();
const { redeem, sign } = desk;

describe('a proof of identity', () => {
  it.each([false, true])('names the caller, as STS saw them (XML: %s)', async (xml) => {
    desk.sts.xml = xml;
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
    expect(desk.sts.seen).toHaveLength(1);
  });

  it('lets a caller ask the same twice within a second', async () => {
    expect(await redeem(await sign())).toEqual(await redeem(await sign()));
  });

  it('works once', async () => {
    const header = await sign();
    await redeem(header);
    expect(await refusal(redeem(header))).toBe('replay');
    expect(desk.sts.seen).toHaveLength(1);
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
    desk.pass(seconds);
    if (good) expect((await redeem(header)).account).toBe('111111111111');
    else expect(await refusal(redeem(header))).toBe('date');
  });

  it('keeps its claim for as long as it could be used again', async () => {
    await redeem(await sign());
    expect([...desk.claimed.values()]).toEqual([new Date(start.getTime() + 65_000)]);
  });
});
