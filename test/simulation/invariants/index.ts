import { approved } from './approved.ts';
import { accountedFor, comesToAnEnd, recordsAreTrue } from './ends.ts';
import type { Invariant } from './invariant.ts';
import { noLostEdit, oneCommit } from './ledger.ts';
import { lockEndsWithIt, oneAtATime, oneEnding } from './lines.ts';
import { secretsStaySecret, withinBudget } from './quiet.ts';

export const INVARIANTS: readonly Invariant[] = [
  approved,
  oneAtATime,
  lockEndsWithIt,
  oneEnding,
  noLostEdit,
  oneCommit,
  comesToAnEnd,
  accountedFor,
  recordsAreTrue,
  withinBudget,
  secretsStaySecret,
];
