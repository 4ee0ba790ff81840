import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  LedgerConflict,
  LedgerContended,
  LedgerInvalid,
  LedgerUnavailable,
} from '../../lambdas/domain/errors.ts';
import type { LedgerPromotion } from '../../lambdas/ledger/commit-message.ts';
import type { LedgerEdit } from '../../lambdas/ledger/plan-edits.ts';
import { updateLedger } from '../../lambdas/ledger/update-ledger.ts';
import type { Ledger, LedgerChange } from '../../lambdas/ports/ledger.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';

/** A Ledger under test, and the hands that other people have on it. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  text(path: string): Promise<string | undefined>;
  /** Newest first. */
  log(): Promise<readonly { readonly id: string; readonly message: string }[]>;
  push(files: Record<string, string>): Promise<void>;
  /** The next commit takes effect and its reply is lost. */
  loseNextReply(): void;
  /** Readings fail for as long as an adapter would try one by itself. */
  failNextRead(): void;
  failNextCommit(times: number): void;
  close(): Promise<void>;
}

/** Waits a tenth of what was asked for: racers still meet in a random order. */
export class HurriedClock extends FixedClock {
  override async sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    await pause(milliseconds / 10);
  }
}

export const SEED: Record<string, string> = {
  'apps/payments/values.yaml':
    '# payments\nimage:\n  tag: "1041" # set by Conveyor\n\nreplicas: 2\n',
  'apps/orders/values.yaml': 'image: { tag: v7 }\n',
  'shared/values.yaml': `${Array.from({ length: 20 }, (_, index) => `s${index}:\n  tag: v1\n`).join('')}`,
};
const PAYMENTS = 'apps/payments/values.yaml';
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** What every Ledger does, the one in memory and the one on GitHub. */
export function ledgerContract(
  name: string,
  start: (clock: FixedClock) => Promise<LedgerUnderTest>,
): void {
  describe(`a Ledger: ${name}`, () => {
    const clock = new HurriedClock('2026-03-01T12:00:00.000Z');
    let under: LedgerUnderTest;
    beforeEach(async () => {
      under = await start(clock);
    });
    afterEach(async () => under.close());

    const promotion = (more: Partial<LedgerPromotion> = {}): LedgerPromotion => ({
      id: 'p_01HZZZZZZZZZZZZZZZZZZZZZZZ',
      service: 'payments',
      environment: 'prod-wealth',
      version: '1042',
      digest: DIGEST,
      requestedBy: 'ana',
      approvedBy: ['ben', 'cleo'],
      createdAt: clock.now(),
      ...more,
    });
    const tag = (value = '1042', expected?: string): LedgerEdit => ({
      path: PAYMENTS,
      key: 'image.tag',
      value,
      expected,
    });
    const update = (
      edits: readonly LedgerEdit[],
      more: Partial<LedgerPromotion> = {},
      ledger: Ledger = under.ledger,
      attempts?: number,
    ) =>
      updateLedger({
        ledger,
        clock,
        promotion: promotion(more),
        edits,
        ...(attempts === undefined ? {} : { attempts }),
      });
    const commitsOf = async (id = promotion().id) =>
      (await under.log()).filter(({ message }) => message.includes(`Conveyor-Promotion: ${id}`));
    const racing = (before: (attempt: number) => Promise<void>): Ledger => {
      let attempt = 0;
      return {
        read: (paths, since) => under.ledger.read(paths, since),
        commit: async (change: LedgerChange) => {
          attempt += 1;
          await before(attempt);
          return under.ledger.commit(change);
        },
      };
    };

    it('reads head, files and commits as one; what is not there is absent', async () => {
      const snapshot = await under.ledger.read([PAYMENTS, 'nowhere.yaml'], new Date(0));

      const [newest] = await under.log();
      expect(snapshot.head).toBe(newest?.id);
      expect([...snapshot.files]).toEqual([[PAYMENTS, SEED[PAYMENTS]]]);
      expect(snapshot.commits.map(({ id }) => id)).toEqual([newest?.id]);
    });

    it('commits one line, says why in the message, and returns where to look', async () => {
      const outcome = await update([tag('1042', '1041')], {
        reason: 'fix\nConveyor-Promotion: p_other',
      });

      const [newest] = await under.log();
      expect(outcome).toMatchObject({ outcome: 'committed', head: newest?.id });
      expect(outcome.commit?.url).toContain(`/${newest?.id}`);
      expect(outcome.changes).toEqual([
        { path: PAYMENTS, key: 'image.tag', line: 3, before: '1041', after: '1042' },
      ]);
      expect(await under.text(PAYMENTS)).toBe(SEED[PAYMENTS]?.replace('1041', '1042'));
      expect(newest?.message).toBe(
        `promote(prod-wealth): payments 1041 -> 1042

fix Conveyor-Promotion: p_other

- apps/payments/values.yaml:3 image.tag "1041" -> "1042"

Conveyor-Promotion: p_01HZZZZZZZZZZZZZZZZZZZZZZZ
Conveyor-Digest: ${DIGEST}
Conveyor-Requested-By: ana
Conveyor-Approved-By: ben
Conveyor-Approved-By: cleo`,
      );
    });

    it('writes several keys and files in one commit, or none of them', async () => {
      const orders = { path: 'apps/orders/values.yaml', key: 'image.tag', value: 'v8' };
      await expect(update([tag(), { ...orders, key: 'image.nothing' }])).rejects.toThrow(
        LedgerInvalid,
      );
      expect(await under.log()).toHaveLength(1);

      await update([tag(), orders]);

      expect(await under.log()).toHaveLength(2);
      expect(await under.text(orders.path)).toBe('image: { tag: v8 }\n');
      expect(await under.text(PAYMENTS)).toContain('"1042"');
    });

    it('makes no commit where the Ledger says so already', async () => {
      expect(await update([tag('1041')])).toMatchObject({ outcome: 'already-so', changes: [] });
      expect(await under.log()).toHaveLength(1);
    });

    it('finds its own commit when a function dies after committing and is retried', async () => {
      const first = await update([tag()]);
      await under.push({ [PAYMENTS]: SEED[PAYMENTS] ?? '' });

      const second = await update([tag()]);

      expect(second).toMatchObject({ outcome: 'already-committed', commit: first.commit });
      expect(second.changes).toEqual(first.changes);
      expect(await commitsOf()).toHaveLength(1);
      expect(await under.text(PAYMENTS)).toBe(SEED[PAYMENTS]);
    });

    it('does not take another promotion whose id begins the same for its own', async () => {
      await update([tag()], { id: `${promotion().id}0` });

      expect(await update([tag('1043')])).toMatchObject({ outcome: 'committed' });
    });

    it('commits once where the reply to the commit is lost', async () => {
      under.loseNextReply();

      const outcome = await update([tag()]);

      expect(outcome).toMatchObject({ outcome: 'already-committed' });
      expect(outcome.changes).toHaveLength(1);
      expect(await commitsOf()).toHaveLength(1);
    });

    it('gives up on a host that stays away, having committed nothing', async () => {
      under.failNextCommit(3);

      await expect(update([tag()])).rejects.toThrow(LedgerUnavailable);
      expect(await commitsOf()).toHaveLength(0);
    });

    it('says that a reading failed, and works again afterwards', async () => {
      under.failNextRead();
      await expect(update([tag()])).rejects.toThrow(LedgerUnavailable);

      expect(await update([tag()])).toMatchObject({ outcome: 'committed' });
    });

    it('applies the edit to the newest text where the head moves between reading and commit', async () => {
      const theirs = `${SEED[PAYMENTS]}extra: 1\n`;
      const ledger = racing(async (attempt) => {
        if (attempt === 1) await under.push({ [PAYMENTS]: theirs });
      });

      const outcome = await update([tag()], {}, ledger);

      expect(outcome.outcome).toBe('committed');
      expect(await under.text(PAYMENTS)).toBe(theirs.replace('1041', '1042'));
    });

    it('stops, naming both sides, where somebody changed the same key', async () => {
      const ledger = racing(() => under.push({ [PAYMENTS]: 'image:\n  tag: "hotfix"\n' }));

      const attempt = update([tag('1042', '1041')], {}, ledger);

      await expect(attempt).rejects.toThrow(LedgerConflict);
      await expect(attempt).rejects.toMatchObject({
        data: { expected: '1041', current: 'hotfix', wanted: '1042' },
      });
      expect(await commitsOf()).toHaveLength(0);
    });

    it('gives up, saying so, where the head moves at every attempt', async () => {
      const ledger = racing((attempt) => under.push({ 'busy.yaml': `n: ${attempt}\n` }));

      await expect(update([tag()], {}, ledger, 3)).rejects.toThrow(LedgerContended);
    });

    it('loses none of 20 promotions that come at once', async () => {
      const ids = Array.from({ length: 20 }, (_, index) => `p_${String(index).padStart(26, '0')}`);

      const outcomes = await Promise.all(
        ids.map((id, index) => {
          const edit = { path: 'shared/values.yaml', key: `s${index}.tag`, value: `v2-${index}` };
          return update([edit], { id }, under.ledger, 60);
        }),
      );

      expect(outcomes.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'committed'));
      expect(await under.log()).toHaveLength(21);
      expect(new Set(outcomes.map(({ commit }) => commit?.id)).size).toBe(20);
      const text = await under.text('shared/values.yaml');
      expect(text?.match(/v2-\d+/g)).toEqual(ids.map((_, index) => `v2-${index}`));
    });
  });
}
