import type { FreshSighting, HostSighting, Look } from '../domain/host-sighting.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';

/** Whose hosts. */
export interface Where {
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
}

/** The hosts of a service in an environment, as they were last seen. */
export interface Seen {
  /** When all of them were last looked at. */
  readonly at?: string;
  /** A look that is under way. */
  readonly looking?: Look;
  /** By instance id. */
  readonly hosts: readonly HostSighting[];
}

/** What hosts were last seen to run: for status, and for the sweep that finds those that run something else. */
export interface Sightings {
  read(where: Where): Promise<Seen>;
  /** Writes down that hosts are being asked, or that they are no more. @throws Unavailable where it is written by too many at once */
  look(where: Where, look: Look | undefined): Promise<void>;
  /**
   * Writes down what was seen, beside what is remembered of those hosts. `all`: these are all
   * hosts; others are gone. @throws Unavailable where it is written by too many at once
   */
  note(
    where: Where,
    at: string,
    hosts: readonly FreshSighting[],
    which: 'all' | 'some',
  ): Promise<void>;
  /**
   * Hosts that were brought to that version once more, those that were let be, and those of which people were told.
   * @throws Unavailable where it is written by too many at once
   */
  mark(where: Where, marks: Marks): Promise<void>;
}

/** What was done about hosts, or not. */
export interface Marks {
  readonly brought?: Brought;
  /** Why each of these was not brought to what its environment holds; of all others it is no longer so. */
  readonly left?: ReadonlyMap<HostSighting['instance'], string>;
  readonly told?: readonly HostSighting['instance'][];
}

export interface Brought {
  readonly version: NonNullable<HostSighting['version']>;
  /** How often, this time included: said twice, counted once. */
  readonly counts: ReadonlyMap<HostSighting['instance'], number>;
}
