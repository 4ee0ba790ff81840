import { createHash } from 'node:crypto';
import type { ServiceName } from '../domain/names.ts';

/** What a service's unit starts; one for all services of a host. */
export const BOOTSTRAP = '/usr/local/lib/conveyor/bootstrap';

/** Linux takes no longer name of a user (`useradd(8)`). */
const LONGEST_USER = 32;
const PREFIX = 'wardnet-';
const DIGITS = 8;

/** Where a service's scaffolding is on a host. `releases/` and `current` below `folder` are deployment's. */
export interface HostPlaces {
  /** The system user that the service runs as; at most 32 characters, the same on every host. */
  readonly user: string;
  readonly unit: string;
  readonly unitFile: string;
  readonly folder: string;
  /** All that the service itself may write. */
  readonly data: string;
  readonly settings: string;
  readonly descriptor: string;
  readonly credential: string;
}

export function hostPlaces(service: ServiceName): HostPlaces {
  const unit = `wardnet-${service}.service`;
  const folder = `/srv/wardnet/${service}`;
  const settings = `/etc/wardnet/services/${service}`;
  return {
    user: serviceUser(service),
    unit,
    unitFile: `/etc/systemd/system/${unit}`,
    folder,
    data: `${folder}/data`,
    settings,
    descriptor: `${settings}/descriptor.yaml`,
    credential: `${settings}/credential.age`,
  };
}

/** `wardnet-<service>`; where that is too long, its beginning and a hash of the whole (provision.sh says the same). */
function serviceUser(service: ServiceName): string {
  const plain = `${PREFIX}${service}`;
  if (plain.length <= LONGEST_USER) return plain;
  const hash = createHash('sha256').update(service).digest('hex').slice(0, DIGITS);
  return `${plain.slice(0, LONGEST_USER - DIGITS - 1)}-${hash}`;
}
