import { createHash } from 'node:crypto';
import { BOOTSTRAP, hostPlaces } from '../../lambdas/provision/host-places.ts';
import type { ProvisionRequest } from '../../lambdas/provision/provision-request.ts';
import type { Part } from '../../lambdas/provision/render-parts.ts';

/** What of one or more services is on a host, as provision.sh sees and changes it. */
export interface Scaffold {
  /** What it decrypts with. */
  readonly key: string;
  /** By path, as the script's report has them. */
  readonly parts: Map<string, string>;
  /** What was noted with each credential. */
  readonly records: Map<string, object>;
  readonly enabled: Set<string>;
  /** Each thing that was put, changed or removed here, in order. */
  readonly changes: string[];
}

type Asked = Pick<ProvisionRequest, 'service'>;

/** As the script: the unit goes last. */
export function inOrder(service: Asked['service'], parts: readonly Part[]): Part[] {
  const { unitFile } = hostPlaces(service);
  return [...parts].sort((a, b) => Number(a.path === unitFile) - Number(b.path === unitFile));
}

/** Puts one part there, or takes it away. */
export function putPart(
  host: Scaffold,
  service: string,
  part: Part,
  credential: ProvisionRequest['credential'],
): void {
  const there = host.parts.get(part.path);
  if (part.kind === 'absent') {
    if (host.parts.delete(part.path)) host.changes.push(`removed ${part.path}`);
    if (part.path.endsWith('credential.age')) host.records.delete(service);
    return;
  }
  const hash = part.kind === 'file' ? ` ${sha256(part.contentBase64)}` : '';
  const seen = `${part.kind} ${part.owner}:${part.group} ${part.mode}${hash}`;
  if (there !== seen) host.changes.push(`put ${part.path}`);
  host.parts.set(part.path, seen);
  if (part.path.endsWith('credential.age') && part.kind === 'file' && credential !== undefined)
    host.records.set(service, { ...credential, sealed: sha256(part.contentBase64) });
}

export function enable(host: Scaffold, service: string): void {
  if (!host.enabled.has(service)) host.changes.push(`enabled ${service}`);
  host.enabled.add(service);
}

/** What a removal takes away, in order. */
export function removedParts(service: Asked['service']): string[] {
  const { unitFile, descriptor, credential } = hostPlaces(service);
  return [unitFile, credential, descriptor];
}

/** What a look finds. */
export function lookAt(host: Scaffold, service: Asked['service'], reason: string) {
  const { unitFile, settings } = hostPlaces(service);
  const isThere = [...host.parts.keys()].some(
    (path) => path === unitFile || path.startsWith(settings),
  );
  return reportOf(host, service, isThere ? 'present' : 'absent', reason);
}

/** The line that the script prints. */
export function reportOf(host: Scaffold, service: Asked['service'], state: string, reason: string) {
  const { user, folder, data, settings, descriptor, credential, unitFile } = hostPlaces(service);
  const paths = [folder, data, settings, descriptor, credential, unitFile, BOOTSTRAP];
  const isLoaded = host.parts.has(unitFile);
  return {
    schema: 1,
    service,
    state,
    hostKey: host.key,
    user,
    missing: [],
    parts: Object.fromEntries(
      paths.flatMap((path) => {
        const seen = host.parts.get(path);
        return seen === undefined ? [] : [[path, seen]];
      }),
    ),
    unit: {
      loaded: isLoaded ? 'loaded' : 'not-found',
      active: 'inactive',
      enabled: host.enabled.has(service) ? 'enabled' : '',
      reload: 'no',
    },
    credential: host.records.get(service) ?? null,
    changed: [],
    restarted: false,
    restartPending: false,
    reason,
    took: 1,
  };
}

const sha256 = (base64: string) =>
  createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
