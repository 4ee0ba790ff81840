import { isDeepStrictEqual } from 'node:util';
import { Conflict, NotFound, Unavailable } from '../domain/errors.ts';
import type { EnvironmentName, PromotionId, ServiceName, Version } from '../domain/names.ts';
import { isFinal, Promotion } from '../domain/promotion.ts';
import type { Waiter } from '../ports/lines.ts';
import type { Note, Promotions } from '../ports/promotions.ts';
import type { PromotionRef } from '../ports/releases.ts';
import type { Change, Table } from '../ports/table.ts';
import { keys } from './table-keys.ts';

const ATTEMPTS = 20;
const REQUESTS_KEPT_SECONDS = 7 * 86_400;

/** What makes a promotion exist: its record, the way from its id to it, and its place in line. */
export function openingChanges(promotion: Promotion): Change[] {
  const { id, service, environment } = promotion;
  const waiter: Waiter = {
    promotion: id,
    version: promotion.version,
    pushedAt: promotion.pushedAt,
    kind: promotion.kind,
    automatic: 'automatic' in promotion.requestedBy,
    since: promotion.createdAt,
  };
  return [
    { ...keys.promotion(service, environment, id), expected: 'absent', value: promotion },
    {
      ...keys.pointer(id),
      expected: 'absent',
      value: { promotion: id, service, environment } satisfies PromotionRef,
    },
    { ...keys.waiter(service, environment, id), expected: 'absent', value: waiter },
  ];
}

export class TablePromotions implements Promotions {
  constructor(private readonly table: Table) {}

  async open(promotion: Promotion, requestId: string): Promise<Promotion> {
    const request = keys.request(requestId);
    const ref: PromotionRef = {
      promotion: promotion.id,
      service: promotion.service,
      environment: promotion.environment,
    };
    const ttl = Math.floor(Date.parse(promotion.createdAt) / 1_000) + REQUESTS_KEPT_SECONDS;
    if (
      await this.table.write([
        { ...request, expected: 'absent', value: ref, ttl },
        ...openingChanges(promotion),
      ])
    )
      return promotion;
    const first = await this.table.get<PromotionRef>(request);
    if (first === undefined)
      throw new Conflict(`${promotion.id} exists already`, { data: { promotion: promotion.id } });
    return this.get(first.value);
  }

  async get({ promotion, service, environment }: PromotionRef): Promise<Promotion> {
    const item = await this.table.get(keys.promotion(service, environment, promotion));
    if (item === undefined) throw notFound(promotion);
    return Promotion.parse(item.value);
  }

  async find(id: PromotionId): Promise<Promotion> {
    const pointer = await this.table.get<PromotionRef>(keys.pointer(id));
    if (pointer === undefined) throw notFound(id);
    return this.get(pointer.value);
  }

  async note(ref: PromotionRef, note: Note, at: string): Promise<void> {
    const key = keys.promotion(ref.service, ref.environment, ref.promotion);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const item = await this.table.get(key);
      if (item === undefined) throw notFound(ref.promotion);
      const known = Promotion.parse(item.value);
      const value = merge(known, note, at);
      if (isDeepStrictEqual(value, known)) return;
      if (await this.table.write([{ ...key, expected: item.version, value }])) return;
    }
    throw new Unavailable(`${ref.promotion} is being written by too many at once`, {
      data: { promotion: ref.promotion },
    });
  }

  async history(
    service: ServiceName,
    environment: EnvironmentName,
    limit: number,
  ): Promise<readonly Promotion[]> {
    const items = await this.table.query(keys.service(service), keys.promotions(environment), {
      limit,
      newestFirst: true,
    });
    return items.map((item) => Promotion.parse(item.value));
  }

  async wasPromoted(
    service: ServiceName,
    environment: EnvironmentName,
    version: Version,
  ): Promise<boolean> {
    return (await this.table.get(keys.promoted(service, environment, version))) !== undefined;
  }
}

function merge(promotion: Promotion, note: Note, at: string): Promotion {
  const steps = { ...promotion.steps, ...note.steps };
  if (isFinal(promotion.state)) return { ...promotion, steps };
  const { steps: _, state, ...rest } = note;
  const moved = state !== undefined && state !== promotion.state ? { state, stateSince: at } : {};
  return { ...promotion, ...rest, ...moved, steps };
}

function notFound(id: string): NotFound {
  return new NotFound(`There is no promotion ${id}`, {
    data: { promotion: id },
    fix: 'Look it up with: conveyor history',
  });
}
