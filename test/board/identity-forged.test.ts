import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../lambdas/domain/errors.ts';
import { forge, openDesk, refusal } from './identity-desk.ts';

const desk = openDesk();
const { redeem, sign } = desk;

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
    expect(desk.sts.seen).toHaveLength(check === 'signature' ? 1 : 0);
  });

  it.each([undefined, '', 'not base64url!', 'A'.repeat(20_000)])(
    'that is no proof at all is refused: %#',
    async (header) => {
      expect(await refusal(redeem(header))).toBe('header');
      expect(desk.claimed.size).toBe(0);
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
