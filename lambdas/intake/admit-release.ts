import type { ConveyorConfig } from '../domain/config.ts';
import type { EnvironmentName } from '../domain/names.ts';
import { isFinal, type Promotion, type Release } from '../domain/promotion.ts';
import type { Admission, Releases } from '../ports/releases.ts';
import { environmentConfig, newPromotion } from '../promote/new-promotion.ts';
import { type StartPorts, startPromotion } from '../promote/start-promotion.ts';

export type AdmitPorts = StartPorts & { readonly releases: Releases };

export type Admitted =
  | {
      readonly outcome: 'new' | 'known';
      readonly release: Release;
      readonly promotion?: Promotion['id'];
    }
  | Extract<Admission, { outcome: 'moved' }>;

/**
 * Writes a release down and, where its first stage promotes by itself, its promotion, and sets that going. The same again,
 * at any time, has no effect but to mend what a first try may have left undone (an execution that was not started).
 */
export async function admitRelease(
  ports: AdmitPorts,
  config: ConveyorConfig,
  release: Release,
  stage: EnvironmentName,
): Promise<Admitted> {
  const automatic = release.announcedBy === 'event' ? 'intake' : 'sweep';
  const wanted =
    environmentConfig(config, stage).promotion === 'auto'
      ? newPromotion(config, ports.clock, {
          release,
          environment: stage,
          requestedBy: { automatic },
        })
      : undefined;
  const admitted = await ports.releases.admit(release, wanted);
  if (admitted.outcome === 'moved') return admitted;
  const { promotion, outcome } = admitted;
  if (promotion !== undefined && !isFinal(promotion.state))
    await startPromotion(ports, config, promotion);
  return { outcome, release: admitted.release, ...(promotion && { promotion: promotion.id }) };
}
