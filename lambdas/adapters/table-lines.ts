import { Unavailable } from '../domain/errors.ts';
import { compareWaiters } from '../domain/line-order.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import { isFinal, type Landed, Promotion } from '../domain/promotion.ts';
import type { Ending, Holder, Line, Lines, Parked, Taken, Waiter } from '../ports/lines.ts';
import type { PromotionRef } from '../ports/releases.ts';
import type { Change, Stored, Table } from '../ports/table.ts';
import { keys } from './table-keys.ts';

const ATTEMPTS = 50;

interface Rows {
  readonly lock?: Stored<Holder>;
  readonly landed?: Stored<Landed>;
  readonly waiters: readonly Stored<Waiter>[];
}

export class TableLines implements Lines {
  constructor(private readonly table: Table) {}

  async read(service: ServiceName, environment: EnvironmentName): Promise<Line> {
    return lineOf(await this.rows(service, environment));
  }

  async holder(service: ServiceName, environment: EnvironmentName): Promise<Holder | undefined> {
    return (await this.table.get<Holder>(keys.lock(service, environment)))?.value;
  }

  async take(ref: PromotionRef, at: string): Promise<Taken> {
    const { service, environment, promotion } = ref;
    const holder: Holder = { promotion, since: at };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const rows = await this.rows(service, environment);
      const { lock, landed, waiters } = rows;
      const first = waiters[0];
      if ((lock ?? first)?.value.promotion !== promotion) return { ours: false, ...lineOf(rows) };
      if (lock !== undefined) {
        const { token, ...awake } = lock.value;
        const { pk, sk, version: expected } = lock;
        if (token === undefined || (await this.table.write([{ pk, sk, expected, value: awake }])))
          return { ours: true, ...(landed && { landed: landed.value }) };
      } else if (first !== undefined) {
        const taken = await this.table.write([
          { ...keys.lock(service, environment), expected: 'absent', value: holder },
          { pk: first.pk, sk: first.sk, expected: first.version, value: undefined },
        ]);
        if (!taken) continue;
        // Before this somebody may have come, landed and gone; now that the lock is held, nobody does.
        const now = await this.table.get<Landed>(keys.landed(service, environment));
        return { ours: true, ...(now && { landed: now.value }) };
      }
    }
    throw contended(ref);
  }

  async park(ref: PromotionRef, token: string, asking: string): Promise<boolean> {
    const key = keys.waiter(ref.service, ref.environment, ref.promotion);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const waiter = await this.table.get<Waiter>(key);
      if (waiter === undefined) return false;
      if ((waiter.value.asking ?? '') > asking) return true;
      const value: Waiter = { ...waiter.value, token, asking };
      if (await this.table.write([{ ...key, expected: waiter.version, value }])) return true;
    }
    throw contended(ref);
  }

  async end(
    ref: PromotionRef,
    ending: Ending,
    at: string,
  ): Promise<{ ended: Promotion; next?: Parked }> {
    const key = keys.promotion(ref.service, ref.environment, ref.promotion);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [record, rows] = await Promise.all([
        this.table.get(key),
        this.rows(ref.service, ref.environment),
      ]);
      const promotion = Promotion.parse(record?.value);
      if (record === undefined || isFinal(promotion.state)) return handedTo(promotion, rows);
      const ended = close(promotion, ending, at);
      const next = nextInLine(ref, rows);
      const handed = next && handOver(next.value, at);
      const changes: Change[] = [
        { ...key, expected: record.version, value: ended },
        ...this.lockChanges(ref, rows, next, handed),
      ];
      if (ending.state === 'promoted' && ending.landed !== undefined)
        changes.push(
          {
            ...keys.landed(ref.service, ref.environment),
            expected: rows.landed?.version ?? 'absent',
            value: ending.landed,
          },
          {
            ...keys.promoted(ref.service, ref.environment, promotion.version),
            expected: 'any',
            value: ending.landed,
          },
        );
      if (!(await this.table.write(changes))) continue;
      if (handed !== undefined) return { ended, next: handed };
      // Who parked since the reading saw the lock still held: one of the two looks last, and must see the other.
      return withNext(ended, overlooked(await this.rows(ref.service, ref.environment)));
    }
    throw contended(ref);
  }

  /** Whoever holds the lock hands it on; who only waits leaves the line, and where nobody holds it, makes way. */
  private lockChanges(
    ref: PromotionRef,
    rows: Rows,
    next: Stored<Waiter> | undefined,
    handed: Holder | undefined,
  ): Change[] {
    const own = rows.waiters.find((waiter) => waiter.value.promotion === ref.promotion);
    const leaves: Change[] = own
      ? [{ pk: own.pk, sk: own.sk, expected: own.version, value: undefined }]
      : [];
    const holds = rows.lock?.value.promotion === ref.promotion;
    if (!holds && next === undefined) return leaves;
    const lock: Change = {
      ...keys.lock(ref.service, ref.environment),
      expected: rows.lock?.version ?? 'absent',
      value: handed,
    };
    return next
      ? [...leaves, lock, { pk: next.pk, sk: next.sk, expected: next.version, value: undefined }]
      : [...leaves, lock];
  }

  private async rows(service: ServiceName, environment: EnvironmentName): Promise<Rows> {
    const rows = await this.table.query<never>(keys.service(service), keys.line(environment));
    const lock = rows.find((row) => row.sk === keys.lock(service, environment).sk) as
      | Stored<Holder>
      | undefined;
    const landed = rows.find((row) => row.sk === keys.landed(service, environment).sk) as
      | Stored<Landed>
      | undefined;
    const waiters = (rows as readonly Stored<Waiter>[])
      .filter((row) => row.sk.includes('#WAIT#'))
      .sort((a, b) => compareWaiters(a.value, b.value));
    return { ...(lock && { lock }), ...(landed && { landed }), waiters };
  }
}

function lineOf({ lock, landed, waiters }: Rows): Line {
  return {
    ...(lock && { holder: lock.value }),
    ...(landed && { landed: landed.value }),
    waiters: waiters.map((waiter) => waiter.value),
  };
}

/**
 * Who is given the lock when `ref` goes, be it the holder or the one whom others parked behind in a free line. Who is
 * first but not parked comes by itself, and until it has lined up, an earlier release may still come before it.
 */
function nextInLine(ref: PromotionRef, { lock, waiters }: Rows): Stored<Waiter> | undefined {
  if (lock !== undefined && lock.value.promotion !== ref.promotion) return undefined;
  const first = waiters.find((waiter) => waiter.value.promotion !== ref.promotion);
  return first?.value.token === undefined ? undefined : first;
}

function handOver(waiter: Waiter, at: string): Holder {
  return {
    promotion: waiter.promotion,
    since: at,
    ...(waiter.token !== undefined && { token: waiter.token }),
  };
}

function close(promotion: Promotion, ending: Ending, at: string): Promotion {
  const { because: _, ...open } = promotion;
  return {
    ...open,
    state: ending.state,
    stateSince: at,
    endedAt: at,
    ...(ending.because !== undefined && { because: ending.because }),
    ...(ending.cause && { cause: ending.cause }),
  };
}

/** The ending was written before: whoever holds the lock now and has not been seen awake may still need waking. */
function handedTo(ended: Promotion, rows: Rows): { ended: Promotion; next?: Parked } {
  const holder = rows.lock?.value;
  const asleep = holder?.token !== undefined && holder.promotion !== ended.id ? holder : undefined;
  return withNext(ended, asleep ?? overlooked(rows));
}

/** Who is first and parked, though nobody holds the lock. */
function overlooked({ lock, waiters }: Rows): Parked | undefined {
  const first = waiters[0]?.value;
  return lock === undefined && first?.token !== undefined ? first : undefined;
}

function withNext(ended: Promotion, next: Parked | undefined) {
  return next === undefined ? { ended } : { ended, next };
}

function contended(ref: PromotionRef): Unavailable {
  return new Unavailable(
    `The line of ${ref.service} in ${ref.environment} is being written by too many at once`,
    { data: { ...ref } },
  );
}
