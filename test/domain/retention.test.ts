import fc from 'fast-check';
import { expect, it } from 'vitest';
import { expendable } from '../../lambdas/domain/retention.ts';

const release = fc.record({
  version: fc.stringMatching(/^[0-9a-f]{40}$/),
  pushedAt: fc
    .date({ min: new Date('2026-01-01'), max: new Date('2026-01-03'), noInvalidDate: true })
    .map((date) => date.toISOString()),
});
const releases = fc.uniqueArray(release, { selector: ({ version }) => version, maxLength: 40 });
const keep = fc.integer({ min: 1, max: 50 });
const setting = fc.tuple(releases, keep).chain(([all, n]) =>
  fc.record({
    all: fc.constant(all),
    n: fc.constant(n),
    needed: fc.subarray(all.map(({ version }) => version)).map((some) => new Set(some)),
  }),
);

it('lets go of nothing that is needed, and of none of the newest', () => {
  fc.assert(
    fc.property(setting, ({ all, needed, n }) => {
      const gone = expendable(all, needed, n);
      const kept = all.filter((one) => !gone.includes(one));

      for (const { version } of gone) expect(needed.has(version)).toBe(false);
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(n, all.length));
      // Nothing that goes is newer than anything that stays for its age alone.
      const newest = [...all].sort((a, b) => (a.pushedAt < b.pushedAt ? 1 : -1)).slice(0, n);
      const oldestKept = newest.at(-1)?.pushedAt ?? '';
      for (const { pushedAt } of gone) expect(pushedAt <= oldestKept).toBe(true);
    }),
  );
});

it('lets go of everything else', () => {
  fc.assert(
    fc.property(setting, ({ all, needed, n }) => {
      const gone = expendable(all, needed, n).map(({ version }) => version);
      const kept = all.map(({ version }) => version).filter((version) => !gone.includes(version));

      expect(kept.filter((version) => !needed.has(version)).length).toBeLessThanOrEqual(n);
    }),
  );
});

it('says the same in whatever order releases are listed', () => {
  fc.assert(
    fc.property(setting, fc.nat(), ({ all, needed, n }, turn) => {
      const at = all.length === 0 ? 0 : turn % all.length;
      const turned = [...all.slice(at), ...all.slice(0, at)];

      expect(expendable(turned, needed, n)).toEqual(expendable(all, needed, n));
    }),
  );
});

it('keeps what is needed however old it is, beside the newest', () => {
  const all = ['a', 'b', 'c', 'd', 'e'].map((letter, i) => ({
    version: letter.repeat(40),
    pushedAt: `2026-01-0${i + 1}T00:00:00.000Z`,
  }));
  const needed = new Set(['a'.repeat(40)]);

  const gone = expendable(all, needed, 2).map(({ version }) => version[0]);

  expect(gone).toEqual(['b', 'c']);
});
