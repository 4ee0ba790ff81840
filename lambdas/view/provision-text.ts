import type { HostProvision, RunReport, ServiceReport } from '../domain/provision-run.ts';
import { plain } from './plain.ts';

/** What a plan calls what it would do. */
const WORDS = {
  create: 'create',
  change: 'update',
  none: 'keep',
  remove: 'remove',
  blocked: 'blocked',
} as const;

/** `conveyor provision`, with or without `--plan`: each service, its hosts, and what differs there. */
export function provisionText({ run, services }: RunReport): string {
  const head =
    run.mode === 'plan'
      ? `${run.environment}: what provisioning would do; nothing was changed`
      : `${run.environment}: ${run.state}`;
  const body = services.flatMap((service) => ['', ...serviceLines(service, run.mode === 'plan')]);
  const nothing = services.length === 0 ? ['', 'No service is provisioned here.'] : [];
  return [head, ...body, ...nothing, '', sumOf(services, run.mode === 'plan')].join('\n');
}

function serviceLines(
  { service, wanted, hosts, problem, instances, unreachable }: ServiceReport,
  isPlan: boolean,
): string[] {
  const head = `${service}  ${wanted === 'present' ? '' : 'to be removed  '}${hosts}`;
  if (problem !== undefined) return [head, `  ${plain(problem)}`];
  return [
    head,
    ...instances.flatMap((host) => hostLines(host, isPlan)),
    ...unreachable.map((instance) => `  ${instance}  cannot be reached; a later run finds it`),
  ];
}

function hostLines(
  { instance, state, action, changes, keeps, reason }: HostProvision,
  isPlan: boolean,
) {
  const word = isPlan && action !== undefined ? WORDS[action] : state;
  const why = reason === undefined ? '' : `: ${plain(reason)}`;
  return [
    `  ${instance}  ${word}${why}`,
    ...changes.map(({ part, change, why: because }) => `    ${change}  ${part}: ${plain(because)}`),
    ...(keeps.length === 0 ? [] : [`    left there: ${keeps.map(plain).join(', ')}`]),
  ];
}

function sumOf(services: readonly ServiceReport[], isPlan: boolean): string {
  const counts = new Map<string, number>();
  const count = (word: string) => counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const { instances, unreachable, problem } of services) {
    if (problem !== undefined) count('services that cannot be provisioned');
    for (const { state, action } of instances)
      count(isPlan && action !== undefined ? `to ${WORDS[action]}` : state);
    for (const _ of unreachable) count('cannot be reached');
  }
  const told = [...counts].map(([word, n]) => `${n} ${word.replace('to blocked', 'blocked')}`);
  return told.length === 0 ? 'no host' : told.join(', ');
}
