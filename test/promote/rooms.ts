import { z } from 'zod';
import { requestApproval } from '../../lambdas/approval/request-approval.ts';
import { copyPromotion } from '../../lambdas/copy/copy-promotion.ts';
import { verifyPromotion } from '../../lambdas/copy/verify-promotion.ts';
import { FinalState } from '../../lambdas/domain/promotion.ts';
import { landPromotion } from '../../lambdas/ledger/land-promotion.ts';
import type { PromotionRef } from '../../lambdas/ports/releases.ts';
import { checkGates } from '../../lambdas/promote/check-gates.ts';
import { finishPromotion } from '../../lambdas/promote/finish-promotion.ts';
import { observePromotion } from '../../lambdas/promote/observe-promotion.ts';
import { parkTurn } from '../../lambdas/promote/park-turn.ts';
import { readFailure } from '../../lambdas/promote/read-failure.ts';
import { Reference, TokenReference } from '../../lambdas/promote/reference.ts';
import { takeTurn } from '../../lambdas/promote/take-turn.ts';
import type { Rooms } from './run-promotion.ts';
import type { World } from './world.ts';

/** What a promotion may do only while it holds its line's lock. */
const BEHIND_THE_LOCK = new Set([
  'CheckGatesArn',
  'RequestApprovalArn',
  'CopyImageArn',
  'VerifyImageArn',
  'UpdateLedgerArn',
  'ObserveArgocdArn',
]);

const Failure = z.object({ step: z.string(), error: z.string(), cause: z.string().optional() });
const Finish = Reference.extend({ ending: FinalState, failure: Failure.optional() });

/** The functions of `promote` as their entry points wire them, over a world's ports. */
export function bindRooms(world: World): Rooms {
  const { ports } = world;
  const rooms: Record<string, (payload: unknown) => Promise<unknown>> = {
    TakeTurnArn: (payload) => takeTurn(ports, Reference.parse(payload)),
    ParkTurnArn: (payload) => {
      return parkTurn(ports, TokenReference.parse(payload));
    },
    CheckGatesArn: (payload) => checkGates(ports, world.config, Reference.parse(payload)),
    RequestApprovalArn: (payload) => {
      return requestApproval(ports, world.config, TokenReference.parse(payload));
    },
    CopyImageArn: (payload) => copyPromotion(ports, Reference.parse(payload), () => 900_000),
    VerifyImageArn: (payload) => verifyPromotion(ports, Reference.parse(payload)),
    UpdateLedgerArn: async (payload) => {
      const ref = Reference.parse(payload);
      await landPromotion(ports, world.config, ref);
      await followLedger(world, ref);
    },
    ObserveArgocdArn: (payload) => observePromotion(ports, world.config, Reference.parse(payload)),
    FinishPromotionArn: (payload) => {
      const { ending, failure, ...ref } = Finish.parse(payload);
      return finishPromotion(ports, world.config, ref, ending, failure && readFailure(failure));
    },
  };
  return Object.fromEntries(
    Object.entries(rooms).map(([name, room]) => [name, guarded(world, name, room)]),
  );
}

/** Fails where a test says so; and stops the test where somebody works on a line whose lock another holds. */
function guarded(world: World, name: string, room: Rooms[string]): Rooms[string] {
  return async (payload) => {
    const failure = world.failures.get(name)?.shift();
    if (failure !== undefined) throw failure;
    const ref = Reference.parse(payload);
    const { holder } = await world.line(ref.service, ref.environment);
    if (BEHIND_THE_LOCK.has(name) && holder?.promotion !== ref.promotion)
      throw `${ref.promotion} does ${name} while ${holder?.promotion ?? 'nobody'} holds the line`;
    return room(payload);
  };
}

/** Argo CD sees what landed. */
async function followLedger(world: World, ref: PromotionRef): Promise<void> {
  const { service, environment, version } = await world.promotion(ref.promotion);
  const [head] = world.ledger.log();
  world.argocd.push(`${service}-${environment}`, head?.id ?? '', `${service}:${version}`);
}

/** Argo CD has an application for every line, on the seeded Ledger. */
export function installApplications({ config, argocd }: Pick<World, 'config' | 'argocd'>): void {
  for (const [environment, { argocd: policy }] of Object.entries(config.environments))
    for (const service of Object.keys(config.services))
      argocd.install(`${service}-${environment}`, policy.sync, 'seed', `${service}:0`);
}
