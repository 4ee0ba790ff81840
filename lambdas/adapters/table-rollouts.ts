import { Unavailable } from '../domain/errors.ts';
import type { PromotionId } from '../domain/names.ts';
import { Batch, HostRollout } from '../domain/rollout.ts';
import type { Read, Rollouts } from '../ports/rollouts.ts';
import type { Key, Stored, Table } from '../ports/table.ts';
import { keys } from './table-keys.ts';

/** Table's `write` takes at most a hundred changes. */
const MOST_CHANGES = 100;

export class TableRollouts implements Rollouts {
  constructor(private readonly table: Table) {}

  /** Batches first: a head says that all of them are there. */
  async open(rollout: HostRollout, batches: readonly Batch[]): Promise<void> {
    const { promotion, plan } = rollout;
    if ((await this.head(promotion)) !== undefined) return;
    for (let from = 0; from < batches.length; from += MOST_CHANGES)
      await this.table.write(
        batches.slice(from, from + MOST_CHANGES).map((batch) => ({
          ...keys.batch(promotion, plan, batch.number),
          expected: 'absent',
          value: batch,
        })),
      );
    await this.table.write([{ ...keys.rollout(promotion), expected: 'absent', value: rollout }]);
  }

  async head(promotion: PromotionId): Promise<Read<HostRollout> | undefined> {
    const found = await this.table.get(keys.rollout(promotion));
    return found && { value: HostRollout.parse(found.value), version: found.version };
  }

  async batches({ promotion, plan }: HostRollout): Promise<readonly Read<Batch>[]> {
    const { pk, sk } = keys.batches(promotion, plan);
    const found = await this.table.query(pk, sk);
    return found.map((one: Stored<unknown>) => ({
      value: Batch.parse(one.value),
      version: one.version,
    }));
  }

  async save(rollout: HostRollout, was: Read<HostRollout>): Promise<Read<HostRollout>> {
    await this.#write(keys.rollout(rollout.promotion), rollout, was.version);
    return { value: rollout, version: was.version + 1 };
  }

  async saveBatch(
    { promotion, plan }: HostRollout,
    batch: Batch,
    was: Read<Batch>,
  ): Promise<Read<Batch>> {
    await this.#write(keys.batch(promotion, plan, batch.number), batch, was.version);
    return { value: batch, version: was.version + 1 };
  }

  async #write(key: Key, value: object, expected: number): Promise<void> {
    if (await this.table.write([{ ...key, expected, value }])) return;
    throw new Unavailable(`The rollout ${key.pk.slice(2)} is being written by another`, {
      data: { ...key },
    });
  }
}
