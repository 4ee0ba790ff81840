import type { ConveyorConfig } from '../domain/config.ts';
import { ConveyorError } from '../domain/errors.ts';
import type { Promotion, Steps } from '../domain/promotion.ts';
import { targetOf } from '../ledger/edits-for.ts';
import type { ApplicationState, Deployments } from '../ports/argocd.ts';
import type { Clock } from '../ports/clock.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { environmentConfig } from './new-promotion.ts';

const POLL_MILLISECONDS = 1_000;
/** Argo CD's own sync takes seconds once told, up to three minutes by its own polling ("timeout.reconciliation"). */
const PATIENCE_MILLISECONDS = 40_000;

export interface ObservePorts {
  readonly promotions: Promotions;
  /** Undefined where no Argo CD is configured. */
  readonly deployments: Deployments | undefined;
  readonly clock: Clock;
}

/**
 * Looks at what Argo CD makes of the commit, where it is Argo CD that lands it. The answer is recorded as it was seen,
 * "not seen" included; the promotion is in the Ledger either way.
 */
export async function observePromotion(
  ports: ObservePorts,
  config: ConveyorConfig,
  ref: PromotionRef,
): Promise<void> {
  const promotion = await ports.promotions.get(ref);
  const { application } = targetOf(config, promotion);
  // Whoever pulls from there is not Conveyor's to watch.
  if (application === undefined) return;
  const observe = await watch(ports, config, promotion, application);
  const because =
    observe.awaits === 'manual sync'
      ? 'waits for a manual sync in Argo CD'
      : `observed: ${observe.sync}, ${observe.health}`;
  await ports.promotions.note(
    ref,
    { state: 'observing', because, steps: { observe } },
    ports.clock.now().toISOString(),
  );
}

type Observation = NonNullable<Steps['observe']>;

async function watch(
  { deployments, clock }: ObservePorts,
  config: ConveyorConfig,
  promotion: Promotion,
  application: string,
): Promise<Observation> {
  const manual = environmentConfig(config, promotion.environment).argocd.sync === 'manual';
  const until = clock.now().getTime() + (manual ? 0 : PATIENCE_MILLISECONDS);
  const unseen = (why: string): Observation => ({
    at: clock.now().toISOString(),
    application,
    sync: why,
    health: 'unknown',
    images: [],
    awaits: 'unobserved',
  });
  if (deployments === undefined) return unseen('no Argo CD configured');
  for (;;) {
    const state = await look(deployments, application);
    if (typeof state === 'string') return unseen(state);
    const seen = observation(state, promotion, manual, clock);
    if (seen.awaits !== 'unobserved') return seen;
    if (clock.now().getTime() >= until) return seen;
    await clock.sleep(POLL_MILLISECONDS);
  }
}

async function look(
  deployments: Deployments,
  application: string,
): Promise<ApplicationState | string> {
  try {
    return (await deployments.application(application)) ?? `no application ${application}`;
  } catch (error) {
    if (error instanceof ConveyorError) return error.message;
    throw error;
  }
}

function observation(
  state: ApplicationState,
  promotion: Promotion,
  manual: boolean,
  clock: Clock,
): Observation {
  const runs = state.images.some(
    (image) => image.endsWith(`:${promotion.version}`) || image.endsWith(`@${promotion.digest}`),
  );
  const arrived = runs && state.sync === 'Synced';
  return {
    at: clock.now().toISOString(),
    application: state.name,
    sync: state.sync,
    health: state.health,
    ...(state.revision !== undefined && { revision: state.revision }),
    images: [...state.images],
    awaits: arrived ? 'nothing' : manual ? 'manual sync' : 'unobserved',
  };
}
