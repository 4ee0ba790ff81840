import type { PromotionId } from '../domain/names.ts';
import type { Executions, Sealer } from '../ports/executions.ts';

/** Wakes the execution that left its token here, if it has left one. What it then does, the table says. */
export async function wakeParked(
  { executions, sealer }: { readonly executions: Executions; readonly sealer: Sealer },
  { promotion, token }: { readonly promotion: PromotionId; readonly token?: string },
): Promise<void> {
  if (token !== undefined) await executions.wake(await sealer.open(promotion, token));
}
