import { describe, expect, it } from 'vitest';
import {
  HistoryReply,
  PromotionReply,
  ReleasesReply,
  StatusReply,
  WhyReply,
} from '../../lambdas/board/contract.ts';
import { Unavailable } from '../../lambdas/domain/errors.ts';
import { payments, prod, qa } from '../promote/shop.ts';
import { upToQa } from '../promote/stories.ts';
import { openApi } from './desk.ts';

const STRANGER = 'arn:aws:sts::111111111111:assumed-role/ci/build-77';
const ID = 'p_01KJMMA8KA13XTXPXYN9CPZ7VK';

describe('the API, asked', () => {
  it('answers nobody who is not named', async () => {
    const { get, post, world } = openApi();
    const before = world.table.contents;

    for (const path of ['/status', '/history', '/releases?service=payments', '/why', '/nowhere'])
      expect(await get(path, 'nobody')).toEqual({
        status: 401,
        body: {
          error: { code: 'NotIdentified', message: 'no proof of identity', fix: 'Sign it.' },
        },
      });
    expect((await post('/promotions', {}, 'nobody')).status).toBe(401);

    expect(world.table.contents).toEqual(before);
  });

  it('tells the status: what landed, runs, waits, could come next, and what is yours to decide', async () => {
    const { get, world } = openApi();
    await upToQa(world, '41');
    await world.push(payments, '42');
    const id = await world.promote(payments, prod);
    const second = await world.promote(payments, prod);

    const { body } = await get('/status', 'li');

    const status = StatusReply.parse(body);
    expect(status.you).toMatchObject({ person: 'li' });
    expect(status.environments).toEqual(['dev', 'qa', 'prod']);
    expect(status.yours.map((promotion) => promotion.id)).toEqual([id]);
    const [inDev, inQa, inProd] = status.services[0]?.cells ?? [];
    expect(inDev).toMatchObject({
      landed: { version: '42' },
      observed: { sync: 'Synced', images: ['payments:42'] },
    });
    expect(inQa).toMatchObject({ landed: { version: '41' }, available: { version: '42' } });
    expect(inProd).toMatchObject({
      running: { id, state: 'awaiting approval' },
      queued: [{ id: second }],
      available: { version: '41' },
    });
    expect((await get('/status', 'raj')).body.yours).toEqual([]);
    expect((await get('/status', STRANGER)).body).toMatchObject({
      you: { principal: STRANGER },
      yours: [],
    });
  });

  it('tells the status where Argo CD does not answer, and the last failure', async () => {
    const { get, world } = openApi();
    await world.push(payments, '41');
    world.failures.set('verify-image', [new TypeError('a bug')]);
    const id = await world.promote(payments, qa);
    world.argocd.application = async () => {
      throw new Unavailable('away');
    };

    const { status, body } = await get('/status');

    expect(status).toBe(200);
    expect(body.services[0]?.cells[1]).toMatchObject({ lastFailure: { id } });
    expect(body.services[0]?.cells[1]).not.toHaveProperty('observed');
  });

  it('tells the history, newest first, of a service, an environment, or all', async () => {
    const { get, world } = openApi();
    await upToQa(world, '41');
    await upToQa(world, '42');

    const told = async (query: string) => {
      const { promotions } = HistoryReply.parse((await get(`/history${query}`)).body);
      return promotions.map(({ environment, version }) => `${environment} ${version}`);
    };

    expect(await told('')).toEqual(['qa 42', 'dev 42', 'qa 41', 'dev 41']);
    expect(await told('?environment=qa')).toEqual(['qa 42', 'qa 41']);
    expect(await told('?service=orders')).toEqual([]);
  });

  it('tells a promotion, and the releases and refusals', async () => {
    const { get, world } = openApi();
    await upToQa(world);
    await world.announce({ ...(await world.build(payments, '43')), tag: 'latest' });
    const [promotion] = await world.history(payments, qa);

    const { body } = await get(`/promotions/${promotion?.id}`);
    const { releases } = ReleasesReply.parse((await get('/releases?service=payments')).body);
    const { refusals } = (await get('/refusals')).body;

    expect(PromotionReply.parse(body).promotion).toEqual(promotion);
    expect(releases.map(({ version }) => version)).toEqual(['41']);
    expect(refusals).toMatchObject([{ code: 'latest' }]);
  });

  it('tells why something is where it is, or is not', async () => {
    const { get, world } = openApi();
    await upToQa(world);
    const [inQa] = await world.history(payments, qa);

    const why = async (artifact: string, environment: string) =>
      WhyReply.parse((await get(`/why?artifact=${artifact}&environment=${environment}`)).body);

    expect(await why('41', 'qa')).toMatchObject({
      promotions: [{ id: inQa?.id }],
      available: false,
    });
    expect(await why('payments', 'prod')).toMatchObject({ promotions: [], available: true });
    expect(await why(inQa?.digest.slice(0, 20) ?? '', 'qa')).toMatchObject({
      promotions: [{ id: inQa?.id }],
    });
    expect(await why('99', 'qa')).toMatchObject({ releases: [], promotions: [], available: false });
  });

  it.each<[string, string, number, string]>([
    ['a promotion that is none', `/promotions/${ID}`, 404, 'NotFound'],
    ['an id that is none', '/promotions/41', 400, 'InvalidInput'],
    ['the releases of no service', '/releases?service=nobody', 404, 'NotFound'],
    ['releases of nothing', '/releases', 400, 'InvalidInput'],
    ['the history of no service', '/history?service=nobody', 404, 'NotFound'],
    ['the history of no environment', '/history?environment=constructor', 404, 'NotFound'],
    ['why in no environment', '/why?artifact=41&environment=constructor', 404, 'NotFound'],
    ['why of nothing', '/why?environment=qa', 400, 'InvalidInput'],
  ])('says so of %s', async (_, path, status, code) => {
    const { get, reported } = openApi();

    expect(await get(path)).toMatchObject({ status, body: { error: { code } } });
    expect(reported).toEqual([]);
  });
});
