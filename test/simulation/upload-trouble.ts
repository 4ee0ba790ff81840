import type { Random } from './random.ts';
import type { Says } from './world/uploads.ts';

/** Who has no business telling Conveyor of uploads, and how they try. */
export const ATTACKS = [
  /** A request of the worker's, once more. */
  'replay',
  /** The worker's request with another upload in it. */
  'tamper',
  /** Signed with a key of one's own, under the name of the real one. */
  'forge',
  /** Signed with a secret that was taken back. */
  'retired secret',
  /** On the worker's queue, of an upload that never was. */
  'false notification',
  /** On the bus, of an upload that never was. */
  'false event',
  /** On the bus, of another bucket. */
  'strange event',
] as const;
export type Attack = (typeof ATTACKS)[number];

/** What goes wrong with uploads and with the telling of them. */
export type UploadAct =
  /** Nothing answers there, for so many minutes. */
  | { readonly do: 'outage'; readonly of: 'ingress' | 'queue'; readonly minutes: number }
  /** The worker's clock is off by so many milliseconds, until somebody sets it. */
  | { readonly do: 'skew'; readonly by: number }
  /** Other bytes under the key of what is a release already. */
  | {
      readonly do: 'overwrite';
      readonly service: string;
      readonly version: string;
      readonly says: Says;
    }
  | {
      readonly do: 'attack';
      readonly how: Attack;
      readonly service: string;
      readonly which: number;
      readonly minutes: number;
    };

const SKEWS = [-3_600_000, -310_000, -290_000, 290_000, 310_000, 3_600_000] as const;

export function drawUploadTrouble(
  random: Random,
  service: string,
  versions: readonly string[],
): UploadAct {
  return random.of<UploadAct>([
    { do: 'outage', of: 'ingress', minutes: random.of([5, 20, 60]) },
    { do: 'outage', of: 'queue', minutes: random.of([5, 20, 60]) },
    { do: 'skew', by: random.of(SKEWS) },
    {
      do: 'overwrite',
      service,
      version: random.of(versions),
      says: random.of(['true', 'none', 'false']),
    },
    ...Array.from({ length: 3 }, () => ({
      do: 'attack' as const,
      how: random.of(ATTACKS),
      service,
      which: random.below(10),
      minutes: random.of([0, 1, 4, 6, 20]),
    })),
  ]);
}
