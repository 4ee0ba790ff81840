import { LedgerContended, LedgerUnavailable } from '../domain/errors.ts';
import type { LedgerDiff } from '../domain/promotion.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger, LedgerChange, LedgerCommit, LedgerSnapshot } from '../ports/ledger.ts';
import { changesIn, composeMessage, isCommitOf, type LedgerPromotion } from './commit-message.ts';
import type { HostsEdit } from './hosts-edit.ts';
import { type LedgerEdit, planEdits } from './plan-edits.ts';

export interface LedgerUpdate {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly promotion: LedgerPromotion;
  readonly edits: readonly (LedgerEdit | HostsEdit)[];
  /** Asked right before each commit, over the text that it will change; what it throws, nothing is committed for. */
  readonly guard?: (snapshot: LedgerSnapshot) => Promise<void>;
  /** @default 12 */
  readonly attempts?: number;
}

export interface LedgerOutcome {
  /** `already-committed`: an earlier attempt's commit was found; whatever came after it is left alone. */
  readonly outcome: 'committed' | 'already-committed' | 'already-so';
  /** Absent where nothing had to be committed. */
  readonly commit?: Pick<LedgerCommit, 'id' | 'url'>;
  /** The branch head that this speaks of. */
  readonly head: string;
  readonly changes: readonly LedgerDiff[];
}

/** The git host's clock and ours may differ by this much. */
const SKEW = 10 * 60_000;
/**
 * Simulated with GitHub's latencies (0.3 s to read, 0.7 s to commit): 20 writers at once all get through
 * in 30 s with 84 commits tried, 50 in 60 s with 283. Beyond that, write in groups.
 */
const ATTEMPTS = 12;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 20_000;
const LOST_REPLIES = 2;

/**
 * Makes the Ledger say what a promotion wants: one commit on top of whatever is there, exactly once however
 * often it is called. Never forces; a lost race reads again and applies the edits to the newest text.
 * @throws LedgerInvalid, LedgerConflict, LedgerContended, LedgerUnavailable, LedgerRefused
 */
export async function updateLedger(update: LedgerUpdate): Promise<LedgerOutcome> {
  const { ledger, clock, promotion, edits, guard, attempts = ATTEMPTS } = update;
  const paths = [...new Set(edits.map(({ path }) => path))];
  const since = sinceFor(promotion);
  let lostReplies = 0;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const snapshot = await ledger.read(paths, since);
    const own = findOwn(snapshot, promotion.id);
    if (own !== undefined) return own;
    await guard?.(snapshot);
    const { files, changes } = planEdits(snapshot.files, edits);
    const { head } = snapshot;
    if (files.size === 0) return { outcome: 'already-so', head, changes: [] };
    const message = composeMessage(promotion, changes);
    const answer = await tryCommit(ledger, { expectedHead: head, files, message });
    if (answer instanceof LedgerUnavailable) {
      lostReplies += 1;
      if (lostReplies > LOST_REPLIES || answer.data.retryAfterSeconds !== undefined) throw answer;
    } else if (answer !== undefined) {
      const { id, url } = answer;
      return { outcome: 'committed', commit: { id, url }, head: id, changes };
    }
    if (attempt < attempts) await clock.sleep(pauseAfter(attempt, clock));
  }
  throw new LedgerContended(`the Ledger's head moved at each of ${attempts} attempts to commit`, {
    data: { promotion: promotion.id, attempts },
    fix: 'Try again; if this repeats, let promotions be written in groups.',
  });
}

/** An earlier attempt's commit of this promotion, if the Ledger has it. @throws LedgerUnavailable, LedgerRefused */
export async function findCommit(
  ledger: Ledger,
  promotion: Pick<LedgerPromotion, 'id' | 'createdAt'>,
): Promise<LedgerOutcome | undefined> {
  return findOwn(await ledger.read([], sinceFor(promotion)), promotion.id);
}

function sinceFor({ createdAt }: Pick<LedgerPromotion, 'createdAt'>): Date {
  return new Date(createdAt.getTime() - SKEW);
}

function findOwn({ head, commits }: LedgerSnapshot, promotion: string): LedgerOutcome | undefined {
  const own = commits.find(({ message }) => isCommitOf(promotion, message));
  if (own === undefined) return undefined;
  const { id, url, message } = own;
  return { outcome: 'already-committed', commit: { id, url }, head, changes: changesIn(message) };
}

/** An unavailable host may have committed all the same: the next reading tells. */
async function tryCommit(
  ledger: Ledger,
  change: LedgerChange,
): Promise<LedgerCommit | LedgerUnavailable | undefined> {
  try {
    return await ledger.commit(change);
  } catch (error) {
    if (error instanceof LedgerUnavailable) return error;
    throw error;
  }
}

/** Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): racers must not meet again. */
function pauseAfter(attempt: number, clock: Clock): number {
  return clock.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
}
