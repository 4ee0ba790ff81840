import { describe, expect, it } from 'vitest';
import { ONE, open, told, UNSIGNED } from './ingress-desk.ts';

describe('the same request again', () => {
  it('is answered as before and puts nothing on the bus, as long as it is valid (T12)', async () => {
    const { request, headers, clock, bus } = open();
    const init = { method: 'POST', body: ONE, headers: headers(ONE) };
    await request(init);

    clock.advance(300_000);
    const again = await told(await request(init));
    clock.advance(1_000);
    const stale = await told(await request(init));

    expect(again).toEqual([200, { accepted: 1, replayed: true }]);
    expect(stale).toEqual(UNSIGNED);
    expect(bus.taken).toHaveLength(1);
  });

  it('is remembered beyond its validity, and may be forgotten then', async () => {
    const { request, headers, clock, table } = open();
    await request({ method: 'POST', body: ONE, headers: headers(ONE) });
    const kept = () => table.contents.filter(({ pk }) => pk.startsWith('N#')).length;

    table.expire(new Date(clock.now().getTime() + 301_000));
    expect(kept()).toBe(1);
    table.expire(new Date(clock.now().getTime() + 600_000));
    expect(kept()).toBe(0);
  });

  it('at the same moment loses nothing: put once or twice, remembered once', async () => {
    const { request, headers, bus, table } = open();
    const init = { method: 'POST', body: ONE, headers: headers(ONE) };

    const answers = await Promise.all(
      [request(init), request(init)].map(async (r) => told(await r)),
    );

    for (const answer of answers) expect(answer).toMatchObject([200, { accepted: 1 }]);
    expect([1, 2]).toContain(bus.taken.length);
    expect(table.contents.filter(({ pk }) => pk.startsWith('N#'))).toHaveLength(1);
  });

  it('signed anew is another one: the bus has the events twice, with the same ids', async () => {
    const { post, clock, bus } = open();
    await post(ONE);
    clock.advance(1_000);

    expect(await told(await post(ONE))).toEqual([200, { accepted: 1, replayed: false }]);

    expect(bus.taken).toHaveLength(2);
    expect(bus.taken[1]).toEqual(bus.taken[0]);
  });
});
