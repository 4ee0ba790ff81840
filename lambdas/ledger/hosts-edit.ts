import { LedgerInvalid } from '../domain/errors.ts';
import type { Splice } from './edit-yaml.ts';
import { splitKey } from './find-scalar.ts';
import { parseManifest } from './parse-manifest.ts';
import { spliceMapping } from './splice-mapping.ts';

/** What hosts were seen to run, for the mapping at `key`: instance → version. */
export interface HostsEdit {
  readonly path: string;
  readonly key: string;
  /** A host without a version is not claimed to run anything. */
  readonly hosts: ReadonlyMap<string, string | undefined>;
  /** What the mapping says of hosts that are not among them. */
  readonly others: 'kept' | 'dropped';
}

/**
 * Writes the mapping as one block, in order of the instances.
 * @throws LedgerInvalid where it holds something else than versions, or where 5,000 hosts and more do not fit
 */
export function spliceHosts(text: string, { path, key, hosts, others }: HostsEdit): Splice {
  const known = hostsIn(text, key, path);
  const kept = others === 'kept' ? [...known].filter(([instance]) => !hosts.has(instance)) : [];
  const seen = [...hosts].flatMap(([instance, version]) =>
    version === undefined ? [] : [[instance, version] as const],
  );
  const wanted = new Map([...kept, ...seen].sort(([a], [b]) => (a < b ? -1 : 1)));
  const said = { before: inWords(known), after: inWords(wanted) };
  if (isSame(known, wanted)) return { text, line: 1, ...said };
  return { ...spliceMapping(text, key, wanted, path), ...said };
}

/** What a manifest says of the hosts of a service; empty where it says nothing. @throws LedgerInvalid */
export function hostsIn(text: string, key: string, path: string): ReadonlyMap<string, string> {
  let value: unknown = parseManifest(text, path).value;
  for (const segment of splitKey(key))
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, segment)
        ? (value as Readonly<Record<string, unknown>>)[segment]
        : undefined;
  const entries = value === undefined || value === null ? {} : value;
  if (typeof entries === 'object' && !Array.isArray(entries)) {
    const found = Object.entries(entries);
    if (found.every(([, version]) => typeof version === 'string' || typeof version === 'number'))
      return new Map(found.map(([instance, version]) => [instance, String(version)]));
  }
  throw new LedgerInvalid(`${path}: ${key} holds something else than the versions of hosts`, {
    data: { path, key },
    fix: `Take ${key} out of ${path}: Conveyor writes there what each host runs.`,
  });
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** How many run what: the record of a change has no room for thousands. */
function inWords(hosts: ReadonlyMap<string, string>): string {
  const counts = new Map<string, number>();
  for (const version of hosts.values()) counts.set(version, (counts.get(version) ?? 0) + 1);
  const most = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const told = most.slice(0, 3).map(([version, n]) => `${n} on ${version.slice(0, 12)}`);
  return [...told, ...(most.length > 3 ? [`${most.length - 3} more versions`] : [])].join(', ');
}
