import {
  LedgerUnavailable,
  RegistryUnavailable,
  Unavailable,
} from '../../../lambdas/domain/errors.ts';

/** What can go wrong at one call of a port. */
export const FAULTS = [
  /** Not done, and says so: throttled, refused, not reached. */
  'error',
  /** Done, and nobody hears of it. */
  'lost reply',
  /** The process is gone before it is done. */
  'death before',
  /** The process is gone right after. */
  'death after',
  /** Takes its time. */
  'delay',
  /** Answers with what was true a while ago. */
  'stale read',
  /** GitHub's secondary limit: come back in a minute. */
  'secondary limit',
  /** From here on nothing answers on that port, for minutes. */
  'outage',
  /** For minutes, nobody hears what any function answers, though all do their work. */
  'deaf',
  /** The function goes on, but whoever called it is told that it failed. */
  'lost invocation',
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** Goes wrong at the `call`th call of a port, counted over the whole scenario. */
export interface Fault {
  readonly call: number;
  readonly kind: FaultKind;
}

/** Reads that are allowed to be old: eventually consistent by their documentation. */
const MAY_BE_STALE = new Set([
  'executions.status', // "This API action is eventually consistent" (DescribeExecution)
  'sources.images',
  'argocd.application',
]);

/** The fault that such a call can have in the place of one that makes no sense there. */
export function fitting(kind: FaultKind, port: string, method: string): FaultKind {
  if (kind === 'stale read' && !MAY_BE_STALE.has(`${port}.${method}`)) return 'delay';
  if (kind === 'secondary limit' && port !== 'ledger') return 'error';
  return kind;
}

/** As the port's adapter throws it: an error of its contract, or what the AWS SDK threw, as it is. */
export function errorOf(port: string, kind: FaultKind): Error {
  const why = `injected: ${kind}`;
  if (kind === 'secondary limit')
    return new LedgerUnavailable(why, { data: { retryAfterSeconds: 60 } });
  if (port === 'ledger') return new LedgerUnavailable(why);
  if (/^registry/.test(port)) return new RegistryUnavailable(why);
  if (port === 'argocd' || /^(hosts|scaffolds)/.test(port)) return new Unavailable(why);
  return Object.assign(new Error(why), fromAws(kind));
}

/** After the SDK's own tries (test/adapters/aws-failure.test.ts has them from its wire). */
function fromAws(kind: FaultKind): object {
  if (kind === 'lost reply') return { code: 'ECONNRESET' };
  return kind === 'outage'
    ? { name: 'ServiceUnavailable', $fault: 'server', $metadata: { httpStatusCode: 503 } }
    : { name: 'ThrottlingException', $fault: 'client', $metadata: { httpStatusCode: 400 } };
}
