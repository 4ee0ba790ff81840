import type { ConveyorConfig } from '../domain/config.ts';
import { isFinal, type Promotion, type Release } from '../domain/promotion.ts';
import type { Releases } from '../ports/releases.ts';
import { newPromotion } from '../promote/new-promotion.ts';
import { type StartPorts, startPromotion } from '../promote/start-promotion.ts';
import { judgePush } from './judge-push.ts';
import type { Push } from './read-push.ts';

export type TakenIn =
  | {
      readonly outcome: 'new' | 'known';
      readonly release: Release;
      readonly promotion?: Promotion['id'];
    }
  | { readonly outcome: 'refused'; readonly code: string; readonly reason: string }
  | { readonly outcome: 'own copy' };

/**
 * One push becomes one release and, where its first stage promotes by itself, one promotion; anything else is refused
 * with a recorded reason. The same push again, late or out of order, ends here without effect, and mends what a first
 * try may have left undone (an execution that was not started).
 */
export async function takeIn(
  ports: StartPorts & { readonly releases: Releases },
  config: ConveyorConfig,
  push: Push,
): Promise<TakenIn> {
  const judged = judgePush(config, push, ports.clock.now());
  if ('ownCopyOf' in judged) {
    const release = await ports.releases.find(judged.ownCopyOf.service, judged.ownCopyOf.version);
    if (release?.digest === push.digest) return { outcome: 'own copy' };
  }
  if ('refusal' in judged) return refuse(ports.releases, judged.refusal);

  const { release, stage, environment } = judged;
  const wanted =
    environment.promotion === 'auto'
      ? newPromotion(config, ports.clock, {
          release,
          environment: stage,
          requestedBy: { automatic: announcer(push) },
        })
      : undefined;
  const admitted = await ports.releases.admit(release, wanted);
  if (admitted.outcome === 'moved') {
    const { digest } = admitted.release;
    return refuse(ports.releases, {
      schema: 1,
      at: ports.clock.now().toISOString(),
      account: push.account,
      repository: push.repository,
      tag: release.version,
      digest: push.digest,
      code: 'moved-tag',
      reason: `${release.service} ${release.version} is ${digest}; the tag was moved to ${push.digest}`,
    });
  }
  const { promotion } = admitted;
  if (promotion !== undefined && !isFinal(promotion.state))
    await startPromotion(ports, config, promotion);
  return {
    outcome: admitted.outcome,
    release: admitted.release,
    ...(promotion && { promotion: promotion.id }),
  };
}

function announcer(push: Push): 'intake' | 'sweep' {
  return push.announcedBy === 'event' ? 'intake' : 'sweep';
}

async function refuse(
  releases: Releases,
  refusal: Parameters<Releases['refuse']>[0],
): Promise<TakenIn> {
  await releases.refuse(refusal);
  return { outcome: 'refused', code: refusal.code, reason: refusal.reason };
}
