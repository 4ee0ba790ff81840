import { expect, it } from 'vitest';
import { NEXT } from '../../lambdas/view/next.ts';
import { promoted } from '../view/sample.ts';
import { service, sha } from './canned.ts';
import { useFakeApi } from './desk.ts';
import { run } from './run.ts';

const desk = useFakeApi();
const DEPLOY = ['deploy', 'payments', 'prod-wealth', '--sha', sha, '--json'];
const ROUTE = 'GET /services/payments';

const { release: _, promotion: __, ...nothing } = service.asked;
const unseen = { body: { ...service, asked: nothing } };
const seen = { body: { ...service, asked: { ...service.asked, promotion: promoted() } } };
const landed = {
  version: sha,
  digest: service.asked.release.digest,
  pushedAt: '2026-11-20T10:00:00Z',
  promotion: promoted().id,
  since: '2026-11-21T12:02:00Z',
};
const done = {
  body: {
    ...seen.body,
    targets: { 'prod-wealth': { ...service.targets['prod-wealth'], landed } },
  },
};

it('looks less often while nothing comes, and survives a stack that does not answer for a while', async () => {
  const away = Array(7).fill({ status: 503, body: {} });
  desk.api.replies.set(ROUTE, [unseen, ...away, unseen, unseen, done]);

  const { code, json, clock } = await run(desk.api, DEPLOY);

  expect([code, json.data]).toEqual([0, expect.objectContaining({ outcome: 'already-there' })]);
  expect(clock.slept[0]).toBe(1_000);
  expect(Math.max(...clock.slept)).toBe(5_000);
});

it('gives up at once where the stack refuses to answer', async () => {
  const refusal = { status: 403, body: { error: { code: 'NotAllowed', message: 'no' } } };
  desk.api.replies.set(ROUTE, [unseen, refusal]);

  const { code, json } = await run(desk.api, DEPLOY);

  expect([code, json.error?.code]).toEqual([4, 'NotAllowed']);
});

it('ends the waiting on Ctrl-C, and says how to go on', async () => {
  desk.api.replies.set(ROUTE, [{ body: { ...unseen.body, seenWithin: 999_999_999 } }]);
  const interrupt = new AbortController();
  const waiting = run(desk.api, [...DEPLOY, '--timeout', '999999d'], {
    interrupted: interrupt.signal,
  });
  await expect.poll(() => desk.api.asked.length).toBeGreaterThan(1);
  interrupt.abort();

  const { code, json } = await waiting;

  expect([code, json.error?.code, json.error?.next]).toEqual([
    130,
    'Interrupted',
    [NEXT.deploy('payments', 'prod-wealth', sha)],
  ]);
  expect(desk.api.asked.filter((line) => line.startsWith('POST'))).toEqual([]);
});

it('asks the same of the stack where it asks again after a lost answer', async () => {
  const again = { ...seen.body.asked, promotion: promoted({ state: 'failed' }) };
  desk.api.replies.set(ROUTE, [{ body: { ...service, asked: again } }]);
  desk.api.replies.get('POST /promotions')?.unshift({ status: 502, body: '<html>' });

  expect((await run(desk.api, DEPLOY)).code).toBe(0);

  const bodies = desk.api.asked
    .filter((line) => line.startsWith('POST /promotions'))
    .map((line) => JSON.parse(line.replace('POST /promotions ', '')));
  expect(bodies).toHaveLength(2);
  expect(bodies[0]).toEqual(bodies[1]);
  expect(bodies[0]).toMatchObject({ version: sha, kind: 'promotion' });
});
