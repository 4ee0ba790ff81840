import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { ProvisionRun } from '../../../lambdas/domain/provision-run.ts';
import type { Change } from '../../../lambdas/ports/table.ts';
import type { Effect } from './tap.ts';

/** Of a notice to everybody, by what it says. */
const TOLD: Readonly<Record<string, RegExp>> = {
  'hosts: let be, as catchUp says report': /catchUp says report/,
  'hosts: let be after three tries': /brought to it 3 times, in vain/,
};
const ANSWERED = 'provisioning: answered by a run that began afterwards';
const REMOVED = 'provisioning: what is declared no longer is gone';
const BROUGHT = 'hosts: a late one is brought';

/** What no way of a machine shows, and many scenarios have to come by. */
export const COURSES: readonly string[] = [
  ...Object.keys(TOLD),
  BROUGHT,
  'provisioning: converged',
  'provisioning: incomplete',
  'provisioning: failed',
  'provisioning: planned',
  ANSWERED,
  REMOVED,
];

/** Those that an effect shows. */
export function coursesOf({ port, method, args, result }: Effect): readonly string[] {
  if (port === 'notices' && method === 'everybody') {
    const { text } = args[1] as { text: string };
    return Object.keys(TOLD).filter((course) => TOLD[course]?.test(text));
  }
  if (port === 'parameters' && method === 'withdraw') return [REMOVED];
  if (port !== 'table' || method !== 'write' || result !== true) return [];
  return (args[0] as Change[]).flatMap(({ pk, sk, value }) => {
    if (pk.startsWith('V#') && sk.startsWith('R#')) return coursesOfRun(value as ProvisionRun);
    const { kind, state } = (value ?? {}) as Partial<Promotion>;
    return sk.includes('#P#') && kind === 'catch-up' && state === 'promoted' ? [BROUGHT] : [];
  });
}

function coursesOfRun({ state, answeredBy }: ProvisionRun): readonly string[] {
  const ended = state === 'waiting' || state === 'running' ? [] : [`provisioning: ${state}`];
  return answeredBy === undefined ? ended : [...ended, ANSWERED];
}
