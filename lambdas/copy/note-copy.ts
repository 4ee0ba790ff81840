import type { Promotion, Steps } from '../domain/promotion.ts';
import type { Clock } from '../ports/clock.ts';
import type { Promotions } from '../ports/promotions.ts';
import type { PromotionRef } from '../ports/releases.ts';

export interface NotePorts {
  readonly promotions: Promotions;
  readonly clock: Clock;
}

/** What one try of a copy moved. */
export interface Moved {
  readonly outcome: 'copied' | 'already-present' | 'continue';
  readonly manifests: number;
  readonly blobs: { readonly copied: number; readonly skipped: number };
  readonly bytes: number;
}

/** Puts what was copied into the record, added to what earlier tries moved: one that finds all there unsays nothing. */
export async function noteCopied(
  { promotions, clock }: NotePorts,
  ref: PromotionRef,
  { steps }: Promotion,
  { outcome, manifests, blobs, bytes }: Moved,
): Promise<void> {
  const at = clock.now().toISOString();
  const moved = steps.copy?.outcome === 'copied' ? steps.copy : undefined;
  const isNew = outcome !== 'already-present' || moved !== undefined;
  const copy = {
    at,
    outcome: isNew ? ('copied' as const) : ('already-present' as const),
    manifests: Math.max(manifests, moved?.manifests ?? 0),
    blobsCopied: blobs.copied + (moved?.blobsCopied ?? 0),
    blobsSkipped: blobs.skipped,
    bytes: bytes + (moved?.bytes ?? 0),
  };
  await promotions.note(ref, { state: 'copying', because: 'copying', steps: { copy } }, at);
}

/** Puts into the record that the destination was read back. */
export async function noteVerified(
  { promotions, clock }: NotePorts,
  ref: PromotionRef,
  verified: Pick<NonNullable<Steps['verify']>, 'digest' | 'children'>,
  copy?: Omit<NonNullable<Steps['copy']>, 'at'>,
): Promise<void> {
  const at = clock.now().toISOString();
  const steps = { verify: { at, ...verified }, ...(copy && { copy: { at, ...copy } }) };
  await promotions.note(ref, { state: 'landing', because: 'verified', steps }, at);
}
