import type { ConveyorConfig } from '../domain/config.ts';
import { Conflict, StoreRefused } from '../domain/errors.ts';
import { placeName, requireObject } from '../domain/place.ts';
import { isFinal, type Promotion } from '../domain/promotion.ts';
import type { Clock } from '../ports/clock.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { chooseWay } from './choose-way.ts';
import { copyTarball } from './copy-tarball.ts';
import { type NotePorts, noteCopied } from './note-copy.ts';
import type { OpenStore } from './open-store.ts';

const LONGEST_MILLISECONDS = 3 * 3_600_000;

export interface CopyTarballPorts extends NotePorts {
  readonly openStore: OpenStore;
}

/**
 * Copies a promotion's tarball from the release store to its environment's bucket, and records what moved.
 * `continue`: time ran out; called again, it goes on.
 * @throws Conflict where the promotion has ended; what `copyTarball` throws
 */
export async function copyTarballPromotion(
  ports: CopyTarballPorts,
  config: ConveyorConfig,
  ref: PromotionRef,
  remainingMilliseconds: () => number,
): Promise<{ outcome: string }> {
  const promotion = await ports.promotions.get(ref);
  const { digest, state } = promotion;
  // A stopped execution that somebody redrives comes back here, whatever became of its promotion meanwhile.
  if (isFinal(state)) throw new Conflict(`${ref.promotion} has ended already: ${state}`);
  const from = requireObject(promotion.source);
  const to = requireObject(promotion.destination);
  const [source, destination] = await Promise.all([
    ports.openStore(from, ref.promotion),
    ports.openStore(to, ref.promotion),
  ]);
  const { outcome, bytes } = await copyTarball({
    source,
    destination,
    key: to.key,
    digest,
    clock: ports.clock,
    remainingMilliseconds,
    ...chooseWay(config, from),
  });
  if (outcome === 'continue') {
    requirePatience(ports.clock, promotion);
    return { outcome };
  }
  const blobs = { copied: outcome === 'copied' ? 1 : 0, skipped: outcome === 'copied' ? 0 : 1 };
  await noteCopied(ports, ref, promotion, { outcome, manifests: 0, blobs, bytes });
  return { outcome };
}

/** Each visit reads the source from its start; of one that is too slow for that, no visit ever sees the end. */
function requirePatience(clock: Clock, { stateSince, source }: Promotion): void {
  const waited = clock.now().getTime() - Date.parse(stateSince);
  if (waited < LONGEST_MILLISECONDS) return;
  throw new StoreRefused(`${placeName(source)} could not be read within three hours`, {
    data: { source, since: stateSince },
    fix: 'Find out what slows its store down, then ask for the promotion again: what was sent is not sent again.',
  });
}
