import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';

/** 256 bit, as text that survives mail programs. */
export function newLinkToken(clock: Clock): string {
  return Buffer.from(clock.randomBytes(32)).toString('base64url');
}

/** What is stored: whoever reads the table can open no link. */
export function hashLinkToken(token: string): string {
  return createHash('sha256').update(`conveyor link ${token}`).digest('base64url');
}

/**
 * The form's nonce: only who was shown this page, for this state of affairs, can send it back. A form made elsewhere,
 * or shown before something moved, does not have it.
 */
export function formNonce(token: string, shown: string): string {
  return createHash('sha256').update(`conveyor form ${token} ${shown}`).digest('base64url');
}

export function sameText(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest()) as [
    Buffer,
    Buffer,
  ];
  return timingSafeEqual(left, right);
}
