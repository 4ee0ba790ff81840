import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effort } from '../effort.ts';
import type { Fault } from '../fakes/memory-fleet.ts';
import { openDesk, release, TAG } from './desk.ts';

const SEED = 20_261_122;
const RUNS = effort(150, 5_000);
const NEW = release('d');

const host = fc.record({
  before: fc.constantFrom('a', 'b', 'c', undefined),
  online: fc.boolean(),
  faults: fc.uniqueArray(
    fc.constantFrom<Fault>('unhealthy', 'killed', 'lies', 'timed out', 'silent', 'busy', 'held'),
    { maxLength: 2 },
  ),
});
const rollout = fc.record({
  canary: fc.nat(2),
  atOnce: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom('10%', '50%', '100%')),
  maxErrors: fc.nat(2),
  within: fc.constant('1m'),
  onFailure: fc.constantFrom('stop', 'continue', 'rollback'),
});

describe('whatever the hosts do', () => {
  it('each ends on the release or on its own version, and the verdict says the truth', async () => {
    const ways = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(host, { minLength: 1, maxLength: 8 }),
        rollout,
        fc.nat(3),
        async (hosts, policy, lostReplies) => {
          const desk = openDesk(policy);
          hosts.forEach(({ before, online, faults }) => {
            const added = desk.fleet.add(TAG, before === undefined ? before : release(before));
            added.online = online;
            for (const fault of faults) added.faults.add(fault);
          });
          desk.fleet.lostReplies = lostReplies;
          await desk.promote(NEW);
          if (hosts.every(({ online }) => !online)) {
            await expect(desk.step()).rejects.toMatchObject({ name: 'HostsRefused' });
            return;
          }

          let outcome: string | undefined;
          // A lost reply is an error that the state machine tries again.
          for (let tries = 0; outcome === undefined && tries < 10; tries++)
            outcome = await desk.finish().catch((error: Error) => {
              if (error.message !== 'the reply was lost') throw error;
              return undefined;
            });

          const { steps } = await desk.record();
          const said = new Map(steps.hosts?.hosts.map((one) => [one.instance, one]));
          for (const [n, { instance, running }] of desk.fleet.hosts.entries()) {
            const before = hosts[n]?.before;
            const own = before === undefined ? undefined : release(before).version;
            // Approved for it: the release of this promotion, or what it ran before.
            expect([NEW.version, own]).toContain(running?.version);
            const told = said.get(instance);
            if (told?.state === 'promoted') expect(running?.version).toBe(NEW.version);
            if (told?.state === 'restored') expect(running?.version).toBe(own);
            if (told?.state === 'late') expect(running?.version).toBe(own);
          }
          const failed = [...said.values()].filter(
            ({ state }) => state === 'failed' || state === 'unknown',
          ).length;
          if (outcome === 'promoted') expect(failed).toBeLessThanOrEqual(policy.maxErrors);
          if (outcome === 'undone')
            for (const { state } of said.values()) expect(state).not.toBe('promoted');
          ways.add(outcome ?? 'none');
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
    expect([...ways].sort()).toEqual(['promoted', 'stopped', 'undone']);
  });
});
