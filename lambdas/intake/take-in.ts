import type { ConveyorConfig } from '../domain/config.ts';
import type { Releases } from '../ports/releases.ts';
import { type AdmitPorts, type Admitted, admitRelease } from './admit-release.ts';
import { judgePush } from './judge-push.ts';
import type { Push } from './read-push.ts';

export type TakenIn =
  | Exclude<Admitted, { outcome: 'moved' }>
  | { readonly outcome: 'refused'; readonly code: string; readonly reason: string }
  | { readonly outcome: 'own copy' };

/**
 * One push becomes one release and, where its first stage promotes by itself, one promotion; anything else is refused
 * with a recorded reason. The same push again, late or out of order, ends here without effect, and mends what a first
 * try may have left undone (an execution that was not started).
 */
export async function takeIn(
  ports: AdmitPorts,
  config: ConveyorConfig,
  push: Push,
): Promise<TakenIn> {
  const judged = judgePush(config, push, ports.clock.now());
  if ('ownCopyOf' in judged) {
    const release = await ports.releases.find(judged.ownCopyOf.service, judged.ownCopyOf.version);
    if (release?.digest === push.digest) return { outcome: 'own copy' };
  }
  if ('refusal' in judged) return refuse(ports.releases, judged.refusal);

  const { release, stage } = judged;
  const admitted = await admitRelease(ports, config, release, stage);
  if (admitted.outcome !== 'moved') return admitted;
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

/** Writes a refusal down. */
export async function refuse(
  releases: Releases,
  refusal: Parameters<Releases['refuse']>[0],
): Promise<TakenIn> {
  await releases.refuse(refusal);
  return { outcome: 'refused', code: refusal.code, reason: refusal.reason };
}
