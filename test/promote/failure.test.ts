import { describe, expect, it } from 'vitest';
import * as errors from '../../lambdas/domain/errors.ts';
import { pushGraph } from '../copy/image-graph.ts';
import { readDefinition } from '../simulation/asl/definition.ts';
import { li, payments, prod, qa } from './shop.ts';
import { upToQa } from './stories.ts';
import { World } from './world.ts';

const { ConveyorError, ...classes } = errors;
const typed = Object.values(classes).map((Kind) => new Kind('it went wrong', { fix: 'mend it' }));
const transient = typed.filter((e) => e.retryable);
/** `GateClosed` ends nothing: the gates are asked again (approval-void.test.ts). */
const lasting = typed.filter((e) => !e.retryable && !(e instanceof errors.GateClosed));

const STEPS: readonly (readonly [room: string, step: string])[] = [
  ['take-turn', 'turn'],
  ['check-gates', 'gates'],
  ['request-approval', 'approval'],
  ['copy-image', 'copy'],
  ['verify-image', 'verify'],
  ['update-ledger', 'ledger'],
  ['observe-argocd', 'observe'],
];
/** What a failure at that step leaves behind in the record. */
const DONE_BEFORE: Readonly<Record<string, readonly string[]>> = {
  turn: [],
  gates: [],
  approval: ['gates'],
  copy: ['gates', 'approval'],
  verify: ['gates', 'approval', 'copy'],
  ledger: ['gates', 'approval', 'copy', 'verify'],
  observe: ['gates', 'approval', 'copy', 'verify', 'ledger'],
};

/** Two promotions into prod, one behind the other; the approver says yes to whatever asks. */
async function twoIntoProd(failing: string, errorsOfThem: Error[]) {
  const world = new World();
  await upToQa(world);
  world.failures.set(failing, [...errorsOfThem]);
  const first = await world.ask(payments, prod);
  await world.settle();
  const second = await world.promote(payments, prod);
  if ((await world.promotion(first)).state === 'awaiting approval')
    await world.vote(first, li, 'approve');
  return { world, first, second };
}

describe.each(STEPS)('when %s fails', (room, step) => {
  it.each(lasting.map((error) => [error.name, error] as const))(
    'for good, by %s: the record says where, why and what to do, and the next one goes',
    async (name, error) => {
      const { world, first, second } = await twoIntoProd(room, [error]);

      const failed = await world.promotion(first);
      expect(failed).toMatchObject({
        state: 'failed',
        because: `failed at ${step}`,
        cause: { code: name, message: 'it went wrong', step, fix: expect.stringMatching(/\w+\.$/) },
      });
      expect(Object.keys(failed.steps).sort()).toEqual([...(DONE_BEFORE[step] ?? [])].sort());
      expect(world.committed(prod)).toHaveLength(step === 'observe' ? 1 : 0);
      const [notice, ...others] = world.notices.to('everybody');
      expect(others).toEqual([]);
      expect(notice).toMatchObject({ id: `${first}-failed` });
      expect(notice?.message.text).toContain('it went wrong');
      expect(notice?.message.text).toMatch(/^fix {10}/m);
      expect(world.run(first).outcome).toBe('failed');
      expect(world.run(first).state).toBe('Failed');
      expect((await world.promotion(second)).state).toBe('awaiting approval');
      expect((await world.line(payments, prod)).holder?.promotion).toBe(second);
    },
  );

  it.each(transient.map((error) => [error.name, error] as const))(
    'for a while, by %s: it goes on as if nothing had been',
    async (_, error) => {
      const { world, first } = await twoIntoProd(room, [error, error, error, error]);

      expect((await world.promotion(first)).state).toBe('promoted');
      expect(world.committed(prod)).toHaveLength(1);
      expect(world.notices.to('li')).toHaveLength(2);
    },
  );

  it('for longer than it is tried: it fails', async () => {
    const away = Array.from({ length: 5 }, () => new errors.Unavailable('it is away'));

    const { world, first } = await twoIntoProd(room, away);

    expect(await world.promotion(first)).toMatchObject({
      state: 'failed',
      cause: { code: 'Unavailable', step },
    });
  });

  it('by a bug of our own: it fails as well, and says so', async () => {
    const { world, first, second } = await twoIntoProd(room, [new TypeError('x is undefined')]);

    expect((await world.promotion(first)).cause).toMatchObject({ code: 'TypeError', step });
    expect((await world.line(payments, prod)).holder?.promotion).toBe(second);
  });
});

describe('when the finish fails', () => {
  it.each([8, 9, 12])('%s times, it is finished all the same', async (times) => {
    const away = Array.from({ length: times }, () => new errors.Unavailable('it is away'));

    const { world, first } = await twoIntoProd('finish-promotion', away);

    expect((await world.promotion(first)).state).toBe(times > 8 ? 'failed' : 'promoted');
    expect((await world.line(payments, prod)).holder?.promotion).not.toBe(first);
  });

  it('after the final state was written, it stays as it was written', async () => {
    let dying = 0;
    const world = new World({
      tap: {
        before: (call) => {
          if (call === 'notices.everybody' && dying++ < 9) throw new errors.Unavailable('away');
        },
      },
    });
    await upToQa(world);
    const id = await world.promote(payments, prod);

    await world.vote(id, li, 'approve');

    expect((await world.promotion(id)).state).toBe('promoted');
    const ended = world.notices.to('everybody').map(({ id: name }) => name);
    expect(ended).toEqual([`${id}-promoted`, `${id}-manual-sync`]);
  });
});

describe('the machine', () => {
  it('tries every error again that calls itself transient, at every step', () => {
    const { States } = readDefinition('promote');
    for (const state of Object.values(States)) {
      if (state.Type !== 'Task') continue;
      const tried = state.Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
      const missing = transient.filter(({ name }) => !tried.includes(name));
      expect(tried.includes('States.ALL') ? [] : missing).toEqual([]);
      expect(tried).not.toEqual(expect.arrayContaining([lasting[0]?.name]));
    }
  });

  it('lets an error of copying name what is in the way, end to end', async () => {
    const world = new World();
    await world.push(payments, '41');
    const { digest } = await pushGraph(
      world.registries.qa as never,
      'shop/payments' as never,
      { config: '{}', layers: ['somebody else’s'] },
      '41' as never,
    );

    const id = await world.promote(payments, qa);

    const { cause, digest: wanted } = await world.promotion(id);
    expect(cause).toMatchObject({
      code: 'DigestConflict',
      message: `shop/payments:41 already names ${digest}, so it cannot name ${wanted}`,
      fix: 'Tags are never moved: build again under a new version.',
      step: 'copy',
    });
  });
});
