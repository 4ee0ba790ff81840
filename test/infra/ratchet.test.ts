import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { synthesise } from './forge.ts';
import { excused, grantedBy, rightsIn, sorted, type Unused } from './granted.ts';

const used = rightsIn(JSON.parse(readFileSync('test/iam/used.json', 'utf8')));
const unused: readonly Unused[] = JSON.parse(readFileSync('test/iam/unused.json', 'utf8'));
const { tools, environments } = synthesise();
const granted = grantedBy([tools, ...Object.values(environments)]);
const excuses = excused(granted, unused);

/** `test/twin/suites/rights.ts` holds `used.json` against what the twin's runs really call. */
describe('the rights of functions and deploy roles (T13)', () => {
  it('are those that runs of the twin used, and those that have a reason', () => {
    const accounted = Object.entries(granted).map(([role]) => [
      role,
      sorted([...(used[role] ?? []), ...(excuses[role] ?? [])]),
    ]);

    expect(Object.fromEntries(accounted)).toEqual(granted);
    // Of a role that the twin has no use for yet, every right has its reason.
    const inUse = Object.keys(granted).filter(
      (role) => (granted[role] ?? []).length > (excuses[role] ?? []).length,
    );
    expect(Object.keys(used).sort()).toEqual(inUse.sort());
  });

  it('have no reason where they are used, and none that says nothing', () => {
    for (const [role, rights] of Object.entries(excuses))
      expect(
        rights.filter((right) => used[role]?.includes(right)),
        role,
      ).toEqual([]);
    const excusedOnes = Object.values(excuses).flat();
    for (const { reason, rights } of unused) {
      expect(reason.length, rights[0]).toBeGreaterThan(30);
      expect(rights.filter((right) => !excusedOnes.includes(right))).toEqual([]);
    }
  });
});
