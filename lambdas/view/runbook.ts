import * as errors from '../domain/errors.ts';
import type { Promotion } from '../domain/promotion.ts';

/** What a notice is about: how a promotion ended, an approval that became void, or a sync that a person owes. */
export type Occasion = 'ended' | 'approval void' | 'manual sync';

/**
 * Headings of docs/runbook.md that notices lead to, beside one heading per error class ("Digest conflict" for
 * DigestConflict). A test of the documentation checks that each exists.
 */
export const RUNBOOK_HEADINGS = [
  'promoted',
  'superseded',
  'rejected',
  'expired',
  'refused',
  'quarantined',
  'failed',
  'aborted',
  'rolled-back',
  'approval-void',
  'manual-sync',
  'hosts-drift',
] as const;

/** The anchor in docs/runbook.md: the error's own heading where there is one, else that of the state. */
export function runbookAnchor(promotion: Promotion, occasion: Occasion): string {
  if (occasion !== 'ended') return occasion.replace(' ', '-');
  const code = promotion.cause?.code;
  if (promotion.state === 'failed' && code !== undefined && code in errors) return headingOf(code);
  return promotion.state.replace(' ', '-');
}

/** `DigestConflict` as `digest-conflict`. */
export const headingOf = (code: string) => code.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
