import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { Unavailable } from '../domain/errors.ts';
import {
  type FreshSighting,
  HostSighting,
  Look,
  leftFor,
  seenAgain,
} from '../domain/host-sighting.ts';
import type { InstanceId } from '../domain/rollout.ts';
import type { Marks, Seen, Sightings, Where } from '../ports/sightings.ts';
import type { Change, Stored, Table } from '../ports/table.ts';
import { keys } from './table-keys.ts';

const Head = z.object({
  schema: z.literal(1),
  at: z.iso.datetime().optional(),
  looking: Look.optional(),
});
type Head = z.infer<typeof Head>;
const Part = z.object({ schema: z.literal(1), hosts: z.array(HostSighting) });

/** Of 5,000 hosts each part has about 160, at most 600 bytes each: below DynamoDB's 400 kB, and 4 MB for all of them. */
const PARTS = 32;
const ATTEMPTS = 10;

interface Rows {
  readonly head: Stored<Head> | undefined;
  readonly parts: ReadonlyMap<number, Stored<z.infer<typeof Part>>>;
}

export class TableSightings implements Sightings {
  constructor(private readonly table: Table) {}

  async read(where: Where): Promise<Seen> {
    const { head, parts } = await this.#rows(where);
    const { at, looking } = head?.value ?? {};
    return { ...(at && { at }), ...(looking && { looking }), hosts: hostsIn(parts) };
  }

  look(where: Where, looking: Look | undefined): Promise<void> {
    return this.#change(where, ({ looking: _, ...head }, hosts) => ({
      head: { ...head, ...(looking && { looking }) },
      hosts,
    }));
  }

  note(
    where: Where,
    at: string,
    seen: readonly FreshSighting[],
    which: 'all' | 'some',
  ): Promise<void> {
    return this.#change(where, (head, hosts) => {
      const known = new Map(hosts.map((host) => [host.instance, host]));
      const fresh = seen.map((host) => seenAgain(host, known.get(host.instance), at));
      const named = new Set(fresh.map(({ instance }) => instance));
      if (which === 'all') return { head: { ...head, at }, hosts: fresh };
      const others = hosts.filter(({ instance }) => !named.has(instance));
      return { head, hosts: [...others, ...fresh] };
    });
  }

  mark(where: Where, { brought, left, told = [] }: Marks): Promise<void> {
    return this.#change(where, (head, hosts) => ({
      head,
      hosts: hosts.map((host) => {
        const count = brought?.counts.get(host.instance);
        return {
          ...(left ? leftFor(host, left.get(host.instance)) : host),
          ...(brought && count !== undefined && { tries: { version: brought.version, count } }),
          ...(told.includes(host.instance) && { told: true }),
        };
      }),
    }));
  }

  /** All rows that differ, in one transaction. */
  async #change(
    where: Where,
    change: (
      head: Head,
      hosts: readonly HostSighting[],
    ) => { head: Head; hosts: HostSighting[] | readonly HostSighting[] },
  ): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { head, parts } = await this.#rows(where);
      const now = change(head?.value ?? { schema: 1 }, hostsIn(parts));
      const changes = [
        ...changed(keys.hosts(where.service, where.environment), head, now.head),
        ...Array.from({ length: PARTS }, (_, part) => {
          const hosts = now.hosts
            .filter(({ instance }) => partOf(instance) === part)
            .sort(byInstance);
          const was = parts.get(part);
          // Emptied, not deleted: whoever writes here needs no right to delete.
          const isNone = was === undefined && hosts.length === 0;
          const value = isNone ? undefined : { schema: 1 as const, hosts };
          return changed(keys.hostsPart(where.service, where.environment, part), was, value);
        }).flat(),
      ];
      if (changes.length === 0 || (await this.table.write(changes))) return;
    }
    throw new Unavailable(
      `The hosts of ${where.service} in ${where.environment} are being written by too many at once`,
      { data: { ...where } },
    );
  }

  async #rows({ service, environment }: Where): Promise<Rows> {
    const { pk, sk } = keys.hosts(service, environment);
    const found = await this.table.query(pk, sk);
    const head = found.find((row) => row.sk === sk);
    const parts = found
      .filter((row) => row !== head)
      .map(
        (row) =>
          [Number(row.sk.slice(sk.length + 1)), { ...row, value: Part.parse(row.value) }] as const,
      );
    return { head: head && { ...head, value: Head.parse(head.value) }, parts: new Map(parts) };
  }
}

function changed(
  key: { pk: string; sk: string },
  was: Stored<object> | undefined,
  value: object | undefined,
): Change[] {
  if (isDeepStrictEqual(was?.value, value)) return [];
  return [{ ...key, expected: was?.version ?? 'absent', value }];
}

/** The last digits of an instance's id are as good as chance. */
function partOf(instance: InstanceId): number {
  return Number.parseInt(instance.slice(-4), 16) % PARTS;
}

function hostsIn(parts: Rows['parts']): HostSighting[] {
  return [...parts.values()].flatMap(({ value }) => value.hosts).sort(byInstance);
}

function byInstance(a: HostSighting, b: HostSighting): number {
  return a.instance < b.instance ? -1 : a.instance > b.instance ? 1 : 0;
}
