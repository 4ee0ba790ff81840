import type { Executions, Sealer } from '../ports/executions.ts';
import type { Lines } from '../ports/lines.ts';
import type { TokenReference } from './reference.ts';

/**
 * Keeps the token of an execution that waits for its turn. Where the lock was handed on meanwhile, or nobody holds it
 * and this one is first, it is woken at once: a turn is never missed between looking and parking.
 */
export async function parkTurn(
  { lines, sealer, executions }: { lines: Lines; sealer: Sealer; executions: Executions },
  { waiting, ...ref }: TokenReference,
): Promise<void> {
  const { token, asking } = waiting;
  const waits = await lines.park(ref, await sealer.seal(ref.promotion, token), asking);
  const { holder, waiters } = await lines.read(ref.service, ref.environment);
  const turn = holder === undefined && waiters[0]?.promotion === ref.promotion;
  if (!waits || turn) await executions.wake(token);
}
