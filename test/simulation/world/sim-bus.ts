import type { PutEventsCommandInput, PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import type { World } from './world.ts';

/** An event that the bus took, as its rules see it. */
export interface BusTaken {
  readonly source: string;
  readonly 'detail-type': string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly detail: {
    readonly object: { readonly key: string };
    readonly r2?: { readonly eventId: string };
  };
}

/** Codes of an entry that was not taken (EventBridge API reference, "PutEventsResultEntry"). */
const CODES = ['ThrottlingException', 'InternalFailure', 'MalformedDetail'] as const;
const MINUTE = 60_000;

/**
 * A bus of Amazon EventBridge with the one rule that Conveyor has on it. "EventBridge delivers at least once": also
 * twice, and hours later. Of what is put in one call, some may be taken and some not.
 */
export class SimBus {
  readonly taken: BusTaken[] = [];
  /** Of these, what has not been delivered as often as it will be. */
  readonly underway = new Set<BusTaken>();

  constructor(private readonly world: World) {}

  async putEvents({
    Entries = [],
  }: PutEventsCommandInput): Promise<Pick<PutEventsCommandOutput, 'Entries'>> {
    const { random, isRough } = this.world;
    return {
      Entries: Entries.map(({ Source = '', DetailType = '', Detail = '{}', Time }) => {
        if (isRough && random.chance(0.1)) return { ErrorCode: random.of(CODES) };
        const time = (Time ?? new Date(this.world.loop.now())).toISOString();
        const event = { source: Source, 'detail-type': DetailType, time, detail: read(Detail) };
        this.taken.push(event);
        this.#route(event);
        return { EventId: `event-${this.taken.length}` };
      }),
    };
  }

  /** To the function that the rule names. */
  #route(event: BusTaken): void {
    const { loop, random, isRough } = this.world;
    const times = isRough && random.chance(0.15) ? 2 : 1;
    let left = times;
    this.underway.add(event);
    for (let n = 0; n < times; n++) {
      const isLate = isRough && random.chance(0.1);
      loop.spawn(async () => {
        await loop.sleep(isLate ? random.below(180) * MINUTE : random.below(2_000));
        await this.world.deliver('object-uploaded', event);
        left -= 1;
        if (left === 0) this.underway.delete(event);
      });
    }
  }
}

function read(detail: string): BusTaken['detail'] {
  return JSON.parse(detail) as BusTaken['detail'];
}
