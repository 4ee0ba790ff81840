import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planWaves, sizeOf } from '../../lambdas/deploy-hosts/plan-waves.ts';
import { Rollout } from '../../lambdas/domain/host-target.ts';
import type { Host } from '../../lambdas/ports/hosts.ts';
import { instanceId } from '../fakes/memory-fleet.ts';

const host = (n: number, zone = 'a', online = true): Host => {
  return { instance: instanceId(n), zone, online };
};
const plan = (hosts: readonly Host[], rollout: object = {}) =>
  planWaves(hosts, Rollout.parse(rollout), 'a=b').waves.map((wave) =>
    wave.map(({ instance, zone }) => `${zone}${Number.parseInt(instance.slice(2), 16)}`).join(' '),
  );

describe('waves', () => {
  it('are the canaries, then so many at once', () => {
    const hosts = [1, 2, 3, 4, 5, 6].map((n) => host(n));

    expect(plan(hosts, { canary: 1, atOnce: 2 })).toEqual(['a1', 'a2 a3', 'a4 a5', 'a6']);
    expect(plan(hosts, { canary: 0, atOnce: '50%' })).toEqual(['a1 a2 a3', 'a4 a5 a6']);
    expect(plan(hosts, { canary: 50 })).toEqual(['a1 a2 a3 a4 a5 a6']);
  });

  it('are of one zone each where the policy says so', () => {
    const hosts = [host(1, 'b'), host(2, 'a'), host(3, 'b'), host(4, 'a'), host(5, 'c')];

    expect(plan(hosts, { canary: 1, atOnce: 9, perZone: true })).toEqual([
      'a2',
      'a4',
      'b1 b3',
      'c5',
    ]);
  });

  it('are so few that an execution can wait for all of them', () => {
    const hosts = Array.from({ length: 251 }, (_, n) => host(n + 1));

    expect(plan(hosts.slice(1), { canary: 0, atOnce: 1 })).toHaveLength(250);
    expect(() => plan(hosts, { canary: 0, atOnce: 1 })).toThrow(
      'a=b finds 251 hosts, which would go in 251 waves; 250 is the most',
    );
  });

  it.each([
    ['10%', 5, 1],
    ['25%', 10, 2],
    ['100%', 7, 7],
    [3, 2, 3],
  ] as const)('take %s of %i as %i', (share, all, size) => {
    expect(sizeOf(share, all)).toBe(size);
  });

  it('hold each host that can be reached once, whatever the order in which they are listed', () => {
    const hosts = fc.uniqueArray(
      fc.record({
        n: fc.integer({ min: 1, max: 10_000 }),
        zone: fc.constantFrom('a', 'b', 'c'),
        online: fc.boolean(),
      }),
      { selector: ({ n }) => n, minLength: 1, maxLength: 60 },
    );
    const rollout = fc.record({
      canary: fc.nat(5),
      atOnce: fc.integer({ min: 1, max: 20 }),
      perZone: fc.boolean(),
    });
    fc.assert(
      fc.property(hosts, rollout, (drawn, policy) => {
        const listed = drawn.map(({ n, zone, online }) => host(n, zone, online));
        fc.pre(listed.some(({ online }) => online));

        const one = planWaves(listed, Rollout.parse(policy), 'a=b');
        const other = planWaves([...listed].reverse(), Rollout.parse(policy), 'a=b');

        expect(other).toEqual(one);
        const all = one.waves.flat();
        expect(new Set(all.map(({ instance }) => instance)).size).toBe(all.length);
        expect(all).toHaveLength(listed.filter(({ online }) => online).length);
        expect(one.late).toHaveLength(listed.length - all.length);
        for (const [n, wave] of one.waves.entries()) {
          expect(wave.length).toBeLessThanOrEqual(
            n === 0 ? Math.max(policy.canary, policy.atOnce) : policy.atOnce,
          );
          if (policy.perZone && n > 0) expect(new Set(wave.map(({ zone }) => zone)).size).toBe(1);
        }
      }),
    );
  });
});
