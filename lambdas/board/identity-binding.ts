import { createHash } from 'node:crypto';

/** What a caller sends beside every request. */
export const IDENTITY_HEADER = 'x-conveyor-identity';
/** A header that the caller signs for STS and the server recomputes: it ties the proof to one request. */
export const BINDING_HEADER = 'x-conveyor-binding';
/** How long a proof lives; long enough for a slow line, too short to be worth stealing. */
export const IDENTITY_SECONDS = 60;

/** The request that a proof is for. `path` includes the query, exactly as sent. */
export interface BoundRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array | string;
  /** The URL of the API that is spoken to, so that one stack cannot use a proof at another. */
  readonly audience: string;
}

/**
 * Fields are told apart by line feeds; none of them may hold one. The nonce tells two equal requests of one second
 * apart: Signature Version 4 knows no smaller time, and a signature works once.
 */
export function bindingOf({ method, path, body, audience }: BoundRequest, nonce: string): string {
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const fields = [method.toUpperCase(), path, bodyHash, audience, nonce];
  return createHash('sha256').update(fields.join('\n')).digest('base64url');
}

export const hasLineBreak = ({ method, path, audience }: BoundRequest) =>
  /[\r\n]/.test(method + path + audience);
