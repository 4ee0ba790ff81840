import { describe, expect, it } from 'vitest';
import { PromotionReply } from '../../lambdas/board/contract.ts';
import { payments, prod, qa } from '../promote/shop.ts';
import { upToQa } from '../promote/stories.ts';
import { openApi } from './desk.ts';

const STRANGER = 'arn:aws:sts::111111111111:assumed-role/ci/build-77';
const promote = (change: object = {}) => ({
  service: 'payments',
  environment: 'qa',
  requestId: 'made-once-by-the-client',
  ...change,
});

describe('the API, told', () => {
  it('promotes what the stage before holds, and says what it opened', async () => {
    const { post, world } = openApi();
    await world.push(payments, '41');

    const { status, body } = await post('/promotions', promote({ reason: 'INC-7' }));

    expect(status).toBe(201);
    expect(PromotionReply.parse(body).promotion).toMatchObject({
      version: '41',
      state: 'queued',
      reason: 'INC-7',
      requestedBy: { person: 'raj' },
    });
    expect((await world.promotion(body.promotion.id)).state).toBe('promoted');
  });

  it('promotes once a request, however often it is sent; another caller’s same request is another', async () => {
    const { post, world } = openApi();
    await world.push(payments, '41');

    const first = await post('/promotions', promote());
    const again = await post('/promotions', promote());
    const others = await post('/promotions', promote(), 'tom');

    expect(again.body.promotion.id).toBe(first.body.promotion.id);
    expect(again.body.promotion.state).toBe('promoted');
    expect(others.body.promotion.id).not.toBe(first.body.promotion.id);
    expect(others.body.promotion.requestedBy).toMatchObject({ person: 'tom' });
    expect(await world.history(payments, qa)).toHaveLength(2);
  });

  it('rolls back', async () => {
    const { post, world } = openApi();
    await upToQa(world, '41');
    await upToQa(world, '42');

    const { body } = await post('/promotions', promote({ kind: 'rollback' }));

    expect(body.promotion).toMatchObject({ kind: 'rollback', version: '41' });
  });

  it('refuses at once who could be anybody, where somebody else must approve', async () => {
    const { post, world } = openApi();
    await upToQa(world);

    const toProd = await post('/promotions', promote({ environment: 'prod' }), STRANGER);
    const toQa = await post('/promotions', promote(), STRANGER);
    const wanted = await post(
      '/promotions',
      promote({ approval: true, requestId: 'another-one-of-theirs' }),
      STRANGER,
    );

    expect([toProd.status, toQa.status, wanted.status]).toEqual([403, 201, 403]);
    expect(toProd.body.error).toMatchObject({
      code: 'NotAllowed',
      message: `${STRANGER} is nobody under people:, and prod needs somebody else's approval`,
      fix: expect.stringContaining('under people:'),
    });
    expect(await world.history(payments, prod)).toEqual([]);
  });

  it('takes a decision of an approver, by name', async () => {
    const { post, world } = openApi();
    await upToQa(world);
    const id = await world.promote(payments, prod);

    const { status, body } = await post(
      `/promotions/${id}/decision`,
      { decision: 'approve' },
      'li',
    );

    expect(status).toBe(200);
    expect(body.promotion.steps.approval?.votes).toMatchObject([{ person: 'li', via: 'cli' }]);
    expect((await world.promotion(id)).state).toBe('promoted');
  });

  it.each<[string, string, object, number, string]>([
    ['of the requester', 'raj', { decision: 'approve' }, 403, 'NotAllowed'],
    ['of nobody we know', STRANGER, { decision: 'approve' }, 403, 'NotAllowed'],
    ['of no approver', 'mei', { decision: 'approve' }, 403, 'NotAllowed'],
    ['that is a no without a reason', 'li', { decision: 'reject' }, 400, 'InvalidInput'],
    ['that is none', 'li', { decision: 'maybe' }, 400, 'InvalidInput'],
    [
      'with a note too long',
      'li',
      { decision: 'approve', note: 'x'.repeat(501) },
      400,
      'InvalidInput',
    ],
  ])('takes no decision %s', async (_, as, decision, status, code) => {
    const { post, world } = openApi();
    await upToQa(world);
    const id = await world.promote(payments, prod);

    const answer = await post(`/promotions/${id}/decision`, decision, as);

    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect((await world.promotion(id)).state).toBe('awaiting approval');
  });

  it('takes a decision once, and none for what has moved', async () => {
    const { post, world } = openApi({
      changes: { prod: { approval: { approvers: 'engineers', minimum: 2 } } },
    });
    await upToQa(world);
    const id = await world.promote(payments, prod);
    const path = `/promotions/${id}/decision`;
    await post(path, { decision: 'approve' }, 'li');

    const same = await post(path, { decision: 'approve' }, 'li');
    const other = await post(path, { decision: 'reject', note: 'oops' }, 'li');
    world.ledger.push({ 'envs/prod/payments.yaml': 'image:\n  tag: "7"\n' });
    const moved = await post(path, { decision: 'approve' }, 'tom');

    expect([same.status, other.status, moved.status]).toEqual([200, 422, 409]);
    expect((await world.promotion(id)).state).toBe('awaiting approval');
  });

  it.each<[string, unknown, number, string]>([
    ['no service', promote({ service: 'nobody' }), 404, 'NotFound'],
    ['no environment', promote({ environment: 'constructor' }), 404, 'NotFound'],
    ['no release', promote({ version: '99' }), 404, 'NotFound'],
    ['nothing upstream', promote({ environment: 'prod' }), 404, 'NotFound'],
    ['nothing to go back to', promote({ kind: 'rollback' }), 404, 'NotFound'],
    ['no request id', promote({ requestId: 'short' }), 400, 'InvalidInput'],
    ['no JSON', '{', 400, 'InvalidInput'],
  ])('promotes nothing for %s', async (_, body, status, code) => {
    const { post, world } = openApi();
    await world.push(payments, '41');

    expect(await post('/promotions', body)).toMatchObject({ status, body: { error: { code } } });
    expect(world.executions.starts).toHaveLength(1);
  });

  it('tells a fault of others from one of its own, and of its own no more than that', async () => {
    const { post, get, world, reported } = openApi();
    await upToQa(world);
    const id = await world.promote(payments, prod);
    const path = `/promotions/${id}/decision`;

    world.ledger.failNextRead();
    const away = await post(path, { decision: 'approve' }, 'li');
    world.ledger.push({ 'envs/prod/payments.yaml': 'nothing: here\n' });
    const invalid = await post(path, { decision: 'approve' }, 'li');
    world.ports.releases.refusals = async () => {
      throw new TypeError('secret detail');
    };
    const bug = await get('/refusals');

    expect(away).toMatchObject({ status: 503, body: { error: { code: 'LedgerUnavailable' } } });
    expect(invalid).toMatchObject({ status: 422, body: { error: { code: 'LedgerInvalid' } } });
    expect(bug).toEqual({
      status: 500,
      body: {
        error: { code: 'Internal', message: 'Conveyor failed to answer; its log says why.' },
      },
    });
    expect(reported).toMatchObject([{ message: 'secret detail' }]);
  });
});
