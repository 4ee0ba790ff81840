import { describe, expect, it } from 'vitest';
import { failRun } from '../../lambdas/provision/end-run.ts';
import { openDesk, prod, service, TAG } from './desk.ts';

const MINUTE = 60_000;

function twoAsk() {
  const desk = openDesk();
  desk.scaffolds.add(TAG);
  desk.declare({});
  return { desk, first: desk.nextRun(), second: desk.nextRun() };
}

describe('two that provision one environment', () => {
  it('go one after the other', async () => {
    const { desk, first, second } = twoAsk();
    await desk.step(first);

    expect(await desk.step(second)).toEqual({ outcome: 'wait', seconds: 10 });
    expect((await desk.record(second)).state).toBe('waiting');
    await desk.finish(first);
    expect((await desk.finish(second)).outcome).toBe('converged');
    expect((await desk.record(second)).answeredBy).toBeUndefined();
  });

  it('are answered by the one run that began after both had asked', async () => {
    const { desk, first, second } = twoAsk();
    const third = desk.nextRun();
    await desk.step(first);
    await desk.step(second);
    await desk.step(third);
    desk.clock.advance(MINUTE);
    await desk.finish(first);
    await desk.finish(second);
    const sent = desk.scaffolds.sent.length;

    expect((await desk.finish(third)).outcome).toBe('converged');

    expect((await desk.record(third)).answeredBy).toBe(second);
    expect(desk.scaffolds.sent.length).toBe(sent);
  });

  it('are not answered by a run of another service, nor by one that failed', async () => {
    const { desk, first, second } = twoAsk();
    await desk.step(first);
    await desk.step(second);
    desk.clock.advance(MINUTE);
    const found = await desk.ports.runs.find(prod, first);
    if (found === undefined) throw new Error('no run');
    await failRun(desk.ports, found, 'AccessDenied: no');

    expect((await desk.finish(second)).outcome).toBe('converged');
    expect((await desk.record(second)).answeredBy).toBeUndefined();
    expect((await desk.record(first)).because).toBe('AccessDenied: no');
  });

  it('do not wait for one whose execution is gone: who waits takes it on', async () => {
    const { desk, first, second } = twoAsk();
    await desk.step(first);
    desk.clock.advance(6 * MINUTE);

    expect((await desk.finish(second)).outcome).toBe('converged');

    expect((await desk.record(first)).state).toBe('converged');
  });

  it('may both step the same run: what one has written the other finds', async () => {
    const { desk, first } = twoAsk();

    const ended = await Promise.allSettled([desk.finish(first), desk.finish(first)]);

    for (const one of ended)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ name: 'Unavailable' });
    expect((await desk.finish(first)).outcome).toBe('converged');
    const host = desk.scaffolds.hosts[0];
    expect(new Set(host?.changes).size).toBe(host?.changes.length);
  });
});

it('a run of one service leaves the others alone', async () => {
  const { desk, first } = twoAsk();
  desk.declare({}, 'other');

  await desk.ports.runs.open({
    schema: 1,
    run: first,
    environment: prod,
    mode: 'apply',
    service,
    asked: desk.clock.now().toISOString(),
    state: 'waiting',
  });
  await desk.finish(first);

  expect((await desk.record(first)).services.map((one) => one.service)).toEqual([service]);
});
