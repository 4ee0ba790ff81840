import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../lambdas/domain/errors.ts';
import type { FakeSts } from './fake-sts.ts';
import { openDesk, refusal } from './identity-desk.ts';

const desk = openDesk();
const { redeem, sign } = desk;

describe('what STS answers', () => {
  it.each(['arn:aws:iam::111111111111:root', 'arn:aws:iam::000000000000:root'])(
    '%s is nobody',
    async (arn) => {
      desk.sts.arn = arn;
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
    desk.sts.mischief.push((response) => response.end(body));
    expect(await refusal(redeem(await sign()))).toBe('reply');
  });

  it('that names a principal of another account is refused', async () => {
    desk.sts.mischief.push((response) =>
      response.end(
        '<r><Arn>arn:aws:iam::222222222222:user/a</Arn><Account>111111111111</Account></r>',
      ),
    );
    expect(await refusal(redeem(await sign()))).toBe('principal');
  });

  it('with 5xx is asked once more', async () => {
    desk.sts.mischief.push((response) => response.writeHead(503).end());
    expect((await redeem(await sign())).account).toBe('111111111111');
    expect(desk.sts.seen).toHaveLength(2);
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
    desk.sts.mischief.push(mischief, mischief);
    await expect(redeem(await sign())).rejects.toBeInstanceOf(Unavailable);
  });
});
