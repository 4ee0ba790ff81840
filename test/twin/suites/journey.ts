import { describe, expect, it } from 'vitest';
import { runJourney } from '../../../bin/twin/journey/run-journey.ts';
import { commits, history } from '../../../bin/twin/journey/watch.ts';
import { statesOf, type Use } from './support.ts';

export function journey(use: Use): void {
  describe('the journey', () => {
    it('carries an image pushed once through dev, qa and prod-wealth, and back', async () => {
      const rows = await runJourney(use(), (_, work) => work(), ['1042', '1043']);

      expect(rows.map((row) => row.what)).toContain('rolled back from 1043');
    });

    it('takes at most eight function calls from the push to the dev commit', async () => {
      const [promotion] = (await history(use(), 'payments', 'dev')).filter(
        (p) => p.version === '1043',
      );

      const states = await statesOf(use(), promotion?.id ?? '');

      const called = states
        .slice(0, states.indexOf('Land') + 1)
        .filter((state) => !/\?$|^Begin$|^Line up$/.test(state));
      // One more for intake, which is not a state.
      expect(called.length + 1).toBeLessThanOrEqual(8);
    });

    it('names the promotion, the digest and the people in each commit', async () => {
      const approved = (await commits(use())).find((commit) =>
        commit.subject.includes('(prod-wealth)'),
      );

      expect(approved?.body).toMatch(/^Conveyor-Promotion: p_[0-9A-Z]{26}$/m);
      expect(approved?.body).toMatch(/^Conveyor-Digest: sha256:[0-9a-f]{64}$/m);
      expect(approved?.body).toMatch(/^Conveyor-Requested-By: ana$/m);
      expect(approved?.body).toMatch(/^Conveyor-Approved-By: (li|tom)$/m);
    });
  });
}
