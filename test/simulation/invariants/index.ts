import type { World } from '../world/world.ts';
import { approved } from './approved.ts';
import { bucketsHoldReleases, taintedFails } from './buckets.ts';
import { credentialsAreSealed, endsAsDeclared, publishedIsSeen } from './declared.ts';
import { accountedFor, comesToAnEnd, recordsAreTrue } from './ends.ts';
import {
  hostsBeforeLedger,
  oneOnAHost,
  onlyApproved,
  othersOnlyLook,
  promotedIsSeen,
  undoneIsBack,
} from './hosts.ts';
import { Broken, type Invariant, type Watch } from './invariant.ts';
import { lateIsBrought, reportedIsLetBe } from './late-hosts.ts';
import { noLostEdit, oneCommit } from './ledger.ts';
import { lockEndsWithIt, oneAtATime, oneEnding } from './lines.ts';
import { nobodyForgotten } from './prompt.ts';
import {
  codeIsLeftAlone,
  oneRunAtATime,
  provisioningEnds,
  restartsAsDeclared,
} from './provision.ts';
import { secretsStaySecret, withinBudget } from './quiet.ts';
import { acknowledgedIsTold, onlyTheWorker, toldIsTakenIn } from './telling.ts';
import { firstBytes, nothingInvented, oneRelease } from './uploads.ts';

export const INVARIANTS: readonly Invariant[] = [
  approved,
  oneAtATime,
  lockEndsWithIt,
  oneEnding,
  noLostEdit,
  oneCommit,
  comesToAnEnd,
  accountedFor,
  nobodyForgotten,
  recordsAreTrue,
  withinBudget,
  secretsStaySecret,
  nothingInvented,
  firstBytes,
  oneRelease,
  acknowledgedIsTold,
  onlyTheWorker,
  toldIsTakenIn,
  bucketsHoldReleases,
  taintedFails,
  onlyApproved,
  promotedIsSeen,
  undoneIsBack,
  oneOnAHost,
  hostsBeforeLedger,
  othersOnlyLook,
  reportedIsLetBe,
  lateIsBrought,
  oneRunAtATime,
  provisioningEnds,
  endsAsDeclared,
  publishedIsSeen,
  codeIsLeftAlone,
  restartsAsDeclared,
  credentialsAreSealed,
];

/** Has all of them look on; what is broken stops the run at once. Returns what to look at later. */
export function watchAll(world: World): Required<Omit<Watch, 'onEffect'>> {
  const watches = INVARIANTS.map((invariant) =>
    invariant.watch(world, (what) => {
      const broken = new Broken(invariant.name, what);
      world.loop.fail(broken);
      throw broken;
    }),
  );
  for (const { onEffect } of watches) if (onEffect) world.watchers.push(onEffect);
  return {
    ifOnlySlow: () => watches.forEach((watch) => void watch.ifOnlySlow?.()),
    atEnd: () => watches.forEach((watch) => void watch.atEnd?.()),
  };
}
