import { describe, expect, it } from 'vitest';
import type { R2ObjectCreated } from '../../lambdas/intake/webhook-event.ts';
import { batchOf, ONE, open, told, UNAVAILABLE, uploads } from './ingress-desk.ts';

describe('a bus that does not take everything', () => {
  const idOf = (event: { detail: object }) => (event.detail as R2ObjectCreated).r2.eventId;

  it('is given again only what it did not take', async () => {
    const { post, bus, clock } = open();
    let refusals = 2;
    bus.refuse = (event) =>
      idOf(event) === 'm3' && refusals-- > 0 ? 'ThrottlingException' : undefined;

    expect(await told(await post(batchOf(uploads(12))))).toEqual([
      200,
      { accepted: 12, replayed: false },
    ]);

    expect(bus.calls.map((call) => call.map(idOf))).toEqual([
      uploads(12).map(({ id }) => id),
      ['m3'],
      ['m3'],
    ]);
    expect(clock.slept).toHaveLength(2);
  });

  it('is told to the queue with how many it took, and the batch then comes again whole', async () => {
    const { request, headers, bus, reported } = open();
    const body = batchOf(uploads(12));
    const init = { method: 'POST', body, headers: headers(body) };
    bus.refuse = (event) => (idOf(event) === 'm3' ? 'InternalFailure' : undefined);

    expect(await told(await request(init))).toEqual([503, { error: UNAVAILABLE, accepted: 11 }]);
    expect(bus.calls).toHaveLength(3);
    expect(String(reported[0])).toContain('1 of 12 events: InternalFailure');

    bus.refuse = () => undefined;
    expect(await told(await request(init))).toEqual([200, { accepted: 12, replayed: false }]);
    expect(new Set(bus.taken.map(idOf)).size).toBe(12);
  });

  it('is not asked again at once for what would be refused again', async () => {
    const { post, bus } = open();
    bus.refuse = () => 'NotAuthorizedForSourceException';

    expect(await told(await post(ONE))).toEqual([503, { error: UNAVAILABLE, accepted: 0 }]);

    expect(bus.calls).toHaveLength(1);
  });
});

describe('a table that fails', () => {
  it('lets nobody through uncounted, and loses nothing: the queue is told to come again', async () => {
    const { post, table, bus, reported } = open();
    table.get = async () => {
      throw Object.assign(new Error('no table'), { name: 'InternalServerError' });
    };

    expect(await told(await post(ONE))).toEqual([503, { error: UNAVAILABLE, accepted: 0 }]);

    expect(bus.calls).toEqual([]);
    expect(reported).toHaveLength(1);
  });

  it('between bus and memory lets the same batch come again: at least once, never lost', async () => {
    const { request, headers, table, bus } = open();
    const init = { method: 'POST', body: ONE, headers: headers(ONE) };
    let dies = true;
    table.beforeWrite = ([change]) => {
      if (dies && change?.pk.startsWith('N#')) throw new Error('the function died');
    };

    const first = await told(await request(init));
    dies = false;
    const second = await told(await request(init));
    const third = await told(await request(init));

    expect(first).toEqual([503, { error: UNAVAILABLE, accepted: 1 }]);
    expect(second).toEqual([200, { accepted: 1, replayed: false }]);
    expect(third).toEqual([200, { accepted: 1, replayed: true }]);
    expect(bus.taken).toHaveLength(2);
    expect(bus.taken[1]).toEqual(bus.taken[0]);
  });
});
