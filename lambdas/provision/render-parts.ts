import type { ServiceName } from '../domain/names.ts';
import type { DeclaredService } from './declared-service.ts';
import { renderDescriptor } from './descriptor.ts';
import { BOOTSTRAP, hostPlaces } from './host-places.ts';
import { renderUnitFile } from './unit-file.ts';

/** One thing at one path of a host. Modes are four octal digits. */
export type Part =
  | ({ readonly kind: 'directory' } & Place)
  | ({ readonly kind: 'file'; readonly contentBase64: string } & Place)
  | { readonly kind: 'absent'; readonly path: string };

interface Place {
  readonly path: string;
  readonly owner: string;
  readonly group: string;
  readonly mode: string;
}

/**
 * All that a service's hosts have alike, in the order in which it is put there. The credential is not among them: it differs
 * from host to host.
 */
export function renderParts({ descriptor, unit, bootstrap }: DeclaredService): Part[] {
  const { service, environment } = descriptor;
  const places = hostPlaces(service);
  const { user } = places;
  return [
    // Root's group, so that the bootstrap gets to the release without a capability to read anything.
    { kind: 'directory', path: places.folder, owner: user, group: 'root', mode: '0750' },
    { kind: 'directory', path: places.data, owner: user, group: user, mode: '0750' },
    { kind: 'directory', path: places.settings, ...ROOTS, mode: '0755' },
    file(BOOTSTRAP, '0755', bootstrap),
    file(places.descriptor, '0644', renderDescriptor(descriptor)),
    file(places.unitFile, '0644', renderUnitFile(service, environment, unit)),
  ];
}

/** The sealed credential of one host, at its place. */
export function credentialPart(service: ServiceName, sealed: Uint8Array): Part {
  return file(hostPlaces(service).credential, '0600', sealed);
}

/** What takes an earlier credential away. */
export function noCredentialPart(service: ServiceName): Part {
  return { kind: 'absent', path: hostPlaces(service).credential };
}

const ROOTS = { owner: 'root', group: 'root' } as const;

const file = (path: string, mode: string, content: string | Uint8Array): Part => ({
  kind: 'file',
  path,
  ...ROOTS,
  mode,
  contentBase64: Buffer.from(content).toString('base64'),
});
