import { describe, expect, it } from 'vitest';
import { raj } from '../promote/shop.ts';
import { openDesk } from './decision-desk.ts';

describe('an approver’s link', () => {
  it('opened fifty times, by whomever and however, decides nothing (T5)', async () => {
    const { world, link, request } = await openDesk();
    const before = world.table.contents;

    for (let time = 0; time < 50; time++) {
      const method = ['GET', 'HEAD', 'OPTIONS'][time % 3] ?? 'GET';
      const response = await request(`${link('li')}?decision=approve&n=${time}`, {
        method,
        headers: { purpose: 'prefetch', 'user-agent': 'MailScanner/1.0' },
      });
      expect(response.status).toBe(method === 'OPTIONS' ? 404 : 200);
    }
    await world.settle();

    expect(world.table.contents).toEqual(before);
    expect(world.executions.wakes).toHaveLength(0);
  });

  it('shows what is asked, to whom, and until when', async () => {
    const { link, request } = await openDesk();

    const html = await (await request(link('li'))).text();

    for (const words of ['payments 41', 'You are <bdi>li</bdi>', 'raj', 'image.tag', 'Mon 2 Mar'])
      expect(html).toContain(words);
    expect(html).not.toContain('<script');
  });

  it('decides once the form is sent, and says so', async () => {
    const { world, id, link, answer } = await openDesk();

    const response = await answer(link('li'), { decision: 'approve', note: 'looks right' });

    expect(response.status).toBe(200);
    expect(await response.text()).toContain('You approved this');
    expect(await world.promotion(id)).toMatchObject({
      state: 'promoted',
      steps: { approval: { votes: [{ person: 'li', via: 'page', note: 'looks right' }] } },
    });
  });

  it('decides once: sent again, it says what became of it and changes nothing', async () => {
    const { world, id, link, nonce, request } = await openDesk();
    const body = new URLSearchParams({ csrf: await nonce(link('li')), decision: 'approve' });
    await request(link('li'), { method: 'POST', body });
    await world.settle();
    const before = world.table.contents;

    const contrary = new URLSearchParams([...body, ['note', 'no']]);
    contrary.set('decision', 'reject');
    for (const form of [body, contrary]) {
      const response = await request(link('li'), { method: 'POST', body: form });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('You approved this');
    }
    await world.settle();

    expect(world.table.contents).toEqual(before);
    expect((await world.promotion(id)).state).toBe('promoted');
  });

  it.each<[string, Record<string, string>]>([
    ['no nonce', { csrf: '' }],
    ['a made-up nonce', { csrf: 'Zm9yZ2Vk' }],
  ])('with %s decides nothing (T5)', async (_, form) => {
    const { world, link, answer } = await openDesk();
    const before = world.table.contents;

    const response = await answer(link('li'), { decision: 'approve', ...form });

    expect(response.status).toBe(409);
    expect(await response.text()).toContain('nothing was decided');
    expect(world.table.contents).toEqual(before);
  });

  it('takes no other approver’s nonce', async () => {
    const { world, link, nonce, answer } = await openDesk();
    const before = world.table.contents;

    const csrf = await nonce(link('ana'));
    const response = await answer(link('li'), { decision: 'approve', csrf });

    expect(response.status).toBe(409);
    expect(world.table.contents).toEqual(before);
  });

  it('wants a reason for a no, and a yes or a no', async () => {
    const { world, id, link, answer } = await openDesk();

    const silent = await answer(link('li'), { decision: 'reject', note: '   ' });
    const neither = await answer(link('li'), { note: 'hello' });

    expect([silent.status, neither.status]).toEqual([400, 400]);
    expect(await silent.text()).toContain('To reject, say why');
    expect(await neither.text()).toContain('hello</textarea>');
    expect((await world.promotion(id)).state).toBe('awaiting approval');

    await answer(link('li'), { decision: 'reject', note: 'not today' });
    expect(await world.promotion(id)).toMatchObject({ state: 'rejected' });
  });

  it('says to the others, later, that it was decided without them', async () => {
    const { link, answer } = await openDesk();
    await answer(link('li'), { decision: 'approve' });

    const response = await answer(link('ana'), { decision: 'reject', note: 'too late' });

    expect(response.status).toBe(200);
    expect(await response.text()).toContain('decided without you: it is promoted');
  });

  it('is over after its time, whatever is sent (410)', async () => {
    const { world, id, link, answer, request } = await openDesk();
    const path = link('li');
    world.clock.advance(86_401_000);

    const early = await answer(path, { decision: 'approve' });
    await world.pass(1_000);
    const late = await answer(path, { decision: 'approve' });

    expect([early.status, late.status]).toEqual([410, 410]);
    expect(await late.text()).toContain('Nobody decided in time');
    expect((await request(path)).status).toBe(200);
    expect((await world.promotion(id)).state).toBe('expired');
  });

  it('is void once what it showed has moved, and the next one is good', async () => {
    const { world, id, link, answer, nonce } = await openDesk();
    const path = link('li');
    const csrf = await nonce(path);
    world.ledger.push({ 'envs/prod/payments.yaml': 'image:\n  tag: "7"\n' });

    const before = await answer(path, { decision: 'approve', csrf });
    const { length } = world.run(id).history;
    const after = await answer(path, { decision: 'approve', csrf });
    expect(world.run(id).history).toHaveLength(length);

    expect([before.status, after.status]).toEqual([410, 410]);
    expect(await after.text()).toContain('this request is void');
    expect((await world.promotion(id)).state).toBe('awaiting approval');
    const renewed = world.notices.to('li').findLast(({ id: name }) => !name.includes('void'));
    const next = /\/a\/\S+/.exec(renewed?.message.text ?? '')?.[0] ?? 'none';
    expect(next).not.toBe(path);
    await answer(next, { decision: 'approve' });
    expect((await world.promotion(id)).state).toBe('promoted');
  });

  it('of the requester says that somebody else must decide (T14)', async () => {
    const { world, forge, request, answer, id } = await openDesk({
      changes: { prod: { approval: { approvers: ['li', 'raj'] } } },
    });
    const path = await forge(raj, 'a-link-of-my-own');

    const page = await (await request(path)).text();
    const response = await answer(path, { decision: 'approve' });

    expect(page).toContain('You asked for this promotion, so somebody else must decide.');
    expect(page).not.toContain('<form');
    expect(response.status).toBe(410);
    expect((await world.promotion(id)).state).toBe('awaiting approval');
  });
});
