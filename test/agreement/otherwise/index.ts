import type { Outcome } from '../case.ts';
import { ofFanOut } from './fan-out.ts';
import type { Otherwise } from './otherwise.ts';
import { refused } from './refused.ts';
import { ofStates } from './states.ts';

/** All that is known of what the twin's engine does otherwise than AWS. */
export const otherwise: readonly Otherwise[] = [...ofStates, ...ofFanOut, ...refused];

/** What the engine does with a case, where that is not what AWS documents. */
export function engineOf(
  subject: string,
  name: string,
): { readonly construct: Otherwise; readonly observed: Outcome } | undefined {
  for (const construct of otherwise) {
    const observed = construct.observed[subject]?.[name];
    if (observed !== undefined) return { construct, observed };
  }
  return undefined;
}
