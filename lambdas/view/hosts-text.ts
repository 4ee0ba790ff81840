import type { HostsReply } from '../board/contract.ts';
import { type HostSighting, isCurrent } from '../domain/host-sighting.ts';
import type { Steps } from '../domain/promotion.ts';
import { plain } from './plain.ts';
import { tableText } from './table-text.ts';
import { momentWords, shortAge } from './time-words.ts';
import { countWords, versionWords } from './words.ts';

/** `conveyor status <service> <environment>`, of a service on hosts: each of them, what is the matter first. */
export function hostsText(
  { service, environment, at, landed, hosts }: HostsReply,
  now: Date,
): string {
  if (landed === undefined) return `${service} has nothing in ${environment} yet.`;
  const version = versionWords(landed.version);
  if (hosts.length === 0)
    return `Nobody has looked at the hosts of ${service} in ${environment} yet.`;
  const current = hosts.filter((host) => isCurrent(host, landed));
  const others = hosts.filter((host) => !isCurrent(host, landed));
  const table = tableText([
    ['HOST', 'NAME', 'RUNS', 'STATE', 'SINCE', 'LAST SEEN', 'WHY'],
    ...[...others, ...current].map((host) => [
      host.instance,
      plain(host.name ?? '-'),
      host.version === undefined ? '-' : versionWords(host.version),
      isCurrent(host, landed) ? 'current' : host.held === undefined ? stateOf(host) : 'held',
      shortAge(host.since, now),
      lastSeen(host, at, now),
      plain(whyWords(host)),
    ]),
  ]);
  const looked = at === undefined ? 'by the last deploy' : `as of ${momentWords(at)}`;
  return `${table}\n${current.length} of ${countWords(hosts.length, 'host')} run ${version}, ${looked}.`;
}

/** `runs 9e8d7c6`, `runs nothing`, `does not answer`. */
export function hostStateWords({
  state,
  version,
}: Pick<HostSighting, 'state' | 'version'>): string {
  if (state === 'silent') return 'does not answer';
  if (state === 'off') return 'is off';
  const what = version === undefined ? 'runs nothing' : `runs ${versionWords(version)}`;
  return state === 'unwell' ? `${what}, not well` : what;
}

/** What the host says is wrong, and why Conveyor lets it be. */
export function whyWords({ reason, held, left }: Pick<HostSighting, 'reason' | 'held' | 'left'>) {
  const why = held === undefined ? left : `by hand: ${held}`;
  return [reason, why].filter((words) => words !== undefined).join('; ');
}

function stateOf({ state }: HostSighting): string {
  return state === 'running' ? 'drift' : state === 'absent' ? 'nothing yet' : state;
}

function lastSeen(
  { state, lastSeen: heard }: HostSighting,
  at: string | undefined,
  now: Date,
): string {
  if (state === 'off') return heard === undefined ? 'unknown' : shortAge(heard, now);
  return at === undefined ? '-' : shortAge(at, now);
}

/** `2 of 3 hosts run it, 1 failed` */
export function hostsWords({
  all,
  promoted,
  failed,
  restored,
  late,
}: NonNullable<Steps['hosts']>): string {
  const parts = [
    `${promoted} of ${all} hosts run it`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(restored > 0 ? [`${restored} are back on their own version`] : []),
    ...(late > 0 ? [`${late} cannot be reached`] : []),
  ];
  return parts.join(', ');
}
