import type { Bus, BusEvent, Untaken } from '../../lambdas/ports/bus.ts';

/** A bus that keeps what it took, as JSON would carry it. */
export class MemoryBus implements Bus {
  readonly taken: BusEvent[] = [];
  /** Each call's events, taken or not. */
  readonly calls: (readonly BusEvent[])[] = [];
  /** The code with which to refuse an event, or nothing. Asked for each event that is put. */
  refuse: (event: BusEvent) => string | undefined = () => undefined;

  async put(events: readonly BusEvent[]): Promise<readonly Untaken[]> {
    this.calls.push(events);
    const untaken: Untaken[] = [];
    for (const event of events) {
      const code = this.refuse(event);
      if (code === undefined)
        this.taken.push(JSON.parse(JSON.stringify(event), revive) as BusEvent);
      else untaken.push({ event, code, retryable: RETRYABLE.has(code) });
    }
    return untaken;
  }
}

const RETRYABLE = new Set(['InternalFailure', 'InternalException', 'ThrottlingException']);
const revive = (name: string, value: unknown) =>
  name === 'at' && typeof value === 'string' ? new Date(value) : value;
