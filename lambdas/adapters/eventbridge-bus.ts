import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Bus, BusEvent, Untaken } from '../ports/bus.ts';

/** Entries of one PutEvents call (EventBridge API reference, "PutEvents"). */
const AT_ONCE = 10;
/** The codes that may pass by themselves (EventBridge API reference, "PutEventsResultEntry"). */
const PASSING = ['InternalFailure', 'InternalException', 'ThrottlingException'];

/** A bus of Amazon EventBridge, ten events a call. A call's ten together must stay below 256 KB. */
export class EventBridgeBus implements Bus {
  constructor(
    /** Name or ARN. */
    private readonly bus: string,
    private readonly client: EventBridgeClient = new EventBridgeClient({}),
  ) {}

  async put(events: readonly BusEvent[]): Promise<readonly Untaken[]> {
    const untaken: Untaken[] = [];
    for (let from = 0; from < events.length; from += AT_ONCE)
      try {
        untaken.push(...(await this.call(events.slice(from, from + AT_ONCE))));
      } catch (error) {
        // The SDK has tried again by itself already. Whoever waits is told now, not after as many more timeouts.
        const code = error instanceof Error ? error.name : 'Unknown';
        const rest = events.slice(from);
        return [...untaken, ...rest.map((event) => ({ event, code, retryable: false }))];
      }
    return untaken;
  }

  private async call(events: readonly BusEvent[]): Promise<readonly Untaken[]> {
    const reply = await this.client.send(
      new PutEventsCommand({
        Entries: events.map(({ source, detailType, detail, at }) => ({
          EventBusName: this.bus,
          Source: source,
          DetailType: detailType,
          Detail: JSON.stringify(detail),
          Time: at,
        })),
      }),
    );
    return events.flatMap((event, n) => {
      // Results come in the order of the entries; only what was taken has an id.
      const result = reply.Entries?.[n];
      if (result?.EventId !== undefined) return [];
      const code = result?.ErrorCode ?? 'NoAnswer';
      return [{ event, code, retryable: PASSING.includes(code) }];
    });
  }
}
