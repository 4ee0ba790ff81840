import type { Steps } from '../domain/promotion.ts';
import { hostsWords } from './hosts-text.ts';
import { plain } from './plain.ts';
import { tableText } from './table-text.ts';
import { versionWords } from './words.ts';

/** What became of each host, what is the matter first. */
export function handText(hosts: NonNullable<Steps['hosts']>): string {
  const right = hosts.hosts.filter(({ state }) => state === 'promoted');
  const others = hosts.hosts.filter(({ state }) => state !== 'promoted');
  const table = tableText([
    ['HOST', 'RUNS', 'STATE', 'WHY'],
    ...[...others, ...right].map(({ instance, version, state, reason }) => [
      instance,
      version === undefined ? '-' : versionWords(version),
      state,
      plain(reason ?? ''),
    ]),
  ]);
  return `${table}\n${hostsWords(hosts)}.`;
}
