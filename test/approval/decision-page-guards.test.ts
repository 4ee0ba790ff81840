import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../lambdas/domain/errors.ts';
import { li } from '../promote/shop.ts';
import { openDesk } from './decision-desk.ts';

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': expect.stringContaining('noindex'),
};
const headersOf = (response: Response) => Object.fromEntries(response.headers);

describe('the decision page', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'reveals nothing to who has no link: %s',
    async (method) => {
      const { request, id } = await openDesk();

      for (const path of ['/a/unknown', `/a/${id}`, '/', '/a/', '/a/x/y', '/status']) {
        const response = await request(path, { method });
        const text = (await response.text()).replace(/<style>.*<\/style>/s, '');
        expect(response.status).toBe(404);
        expect(headersOf(response)).toMatchObject(HEADERS);
        expect(text).not.toMatch(/payments|prod|p_0|raj|41/);
      }
    },
  );

  it('keeps its link from caches, frames, indexes and other sites, on every answer (T4)', async () => {
    const { request, link, answer } = await openDesk();

    const answers = [
      await request(link('li')),
      await answer(link('li'), { decision: 'approve', csrf: 'wrong' }),
      await request(link('li'), { method: 'POST', body: 'x'.repeat(20_000) }),
      await answer(link('li'), { decision: 'approve' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 409, 413, 200]);
    for (const response of answers) expect(headersOf(response)).toMatchObject(HEADERS);
  });

  it('shows a hostile note as text', async () => {
    const { link, answer, request } = await openDesk({
      changes: { prod: { approval: { approvers: 'engineers', minimum: 2 } } },
    });
    const note = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e</textarea>';

    const shown = await (await answer(link('li'), { decision: 'maybe', note })).text();
    await answer(link('li'), { decision: 'approve', note });
    const toAna = await (await request(link('ana'))).text();

    expect(shown).toContain('&lt;script&gt;');
    for (const html of [shown, toAna])
      expect(html).not.toMatch(/<script|<img|onerror=alert\(2\)>|\u202e/);
  });

  it('reads no form larger than 16 KB, and of a note 500 characters', async () => {
    const { world, id, link, nonce, request, answer } = await openDesk();
    const csrf = await nonce(link('li'));
    const form = { csrf, decision: 'approve' };
    const large = new URLSearchParams({ ...form, note: 'x'.repeat(17_000) });

    const refused = await request(link('li'), { method: 'POST', body: large });

    expect(refused.status).toBe(413);
    expect((await world.promotion(id)).state).toBe('awaiting approval');
    await answer(link('li'), { decision: 'approve', note: 'x'.repeat(9_000) });
    const [vote] = (await world.promotion(id)).steps.approval?.votes ?? [];
    expect(vote?.note).toHaveLength(500);
  });

  it('says that it cannot look, and reports why, where the Ledger is away', async () => {
    const { world, link, request, reported } = await openDesk();
    world.ledger.failNextRead();

    const response = await request(link('li'));

    expect(response.status).toBe(503);
    expect(await response.text()).toContain('Nothing was decided');
    expect(headersOf(response)).toMatchObject(HEADERS);
    expect(reported).toMatchObject([{ name: 'LedgerUnavailable' }]);
  });

  it('decides though whoever pressed the button was told of a failure: pressed again, it goes on', async () => {
    let dying = true;
    const desk = await openDesk({
      tap: {
        before: (call) => {
          if (call === 'executions.wake' && dying) throw new Unavailable('away');
        },
      },
    });
    const form = { decision: 'approve', csrf: await desk.nonce(desk.link('li')) };
    expect((await desk.answer(desk.link('li'), form)).status).toBe(503);
    dying = false;

    await desk.world.vote(desk.id, li, 'approve');

    expect((await desk.world.promotion(desk.id)).state).toBe('promoted');
  });
});
