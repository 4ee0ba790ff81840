import type { StoreFault } from './fault-proxy.ts';

/** What goes wrong with a request, in words and as the proxy does it. */
export const FAULTS: readonly (readonly [string, StoreFault])[] = [
  ['answered with 500', { answer: 500, code: 'InternalError' }],
  ['told to slow down', { answer: 503, code: 'SlowDown' }],
  ['cut while it is sent', { cutRequestAfter: 100 }],
  ['done, but its reply is lost', { cutReplyAfter: -1 }],
  ['answered with half a reply', { cutReplyAfter: 100 }],
];

/** The same way that a copy takes, its first request of a kind met by a fault. */
export function once(what: string, fault: StoreFault, nth: number) {
  let left = nth;
  return (seen: string) => (seen === what && left-- === 0 ? fault : undefined);
}

/** A request without a body is not cut while it is sent. */
export const faultsOf = (what: string) =>
  FAULTS.filter(
    ([, fault]) => !('cutRequestAfter' in fault) || /^(PUT part|POST uploadId)/.test(what),
  );

/** Each request with how many of its kind go before it. */
export const counted = (requests: readonly string[]) =>
  requests.map(
    (what, i) => [what, requests.slice(0, i).filter((one) => one === what).length] as const,
  );
