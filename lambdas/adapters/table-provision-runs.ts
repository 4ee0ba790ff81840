import { Unavailable } from '../domain/errors.ts';
import type { EnvironmentName } from '../domain/names.ts';
import { ProvisionBatch, ProvisionRun, type RunId, ServiceRun } from '../domain/provision-run.ts';
import type { ProvisionRuns, RunParts } from '../ports/provision-runs.ts';
import type { Read } from '../ports/rollouts.ts';
import type { Change, Key, Table } from '../ports/table.ts';
import { keys } from './table-keys.ts';
import { endTurn } from './table-provision-turns.ts';

/** Table's `write` takes at most a hundred changes, and DynamoDB 4 MB a transaction. */
const MOST_CHANGES = 25;
const KEPT_SECONDS = 90 * 86_400;

/** Runs of provisioning, kept for ninety days. */
export class TableProvisionRuns implements ProvisionRuns {
  constructor(private readonly table: Table) {}

  async open(run: ProvisionRun): Promise<Read<ProvisionRun>> {
    const { environment, run: id } = run;
    const there = await this.find(environment, id);
    if (there !== undefined) return there;
    await this.table.write([
      { ...keys.provisionRun(environment, id), expected: 'absent', value: run, ttl: ttlOf(run) },
    ]);
    const made = await this.find(environment, id);
    if (made === undefined) throw lost(run);
    return made;
  }

  async find(environment: EnvironmentName, run: RunId): Promise<Read<ProvisionRun> | undefined> {
    const found = await this.table.get(keys.provisionRun(environment, run));
    return found && { value: ProvisionRun.parse(found.value), version: found.version };
  }

  async begin(
    run: ProvisionRun,
    was: Read<ProvisionRun>,
    services: readonly ServiceRun[],
    batches: readonly ProvisionBatch[],
  ): Promise<Read<ProvisionRun>> {
    const part = (key: Key, value: object): Change => ({
      ...key,
      expected: 'absent',
      value,
      ttl: ttlOf(run),
    });
    const parts = [
      ...services.map((one) => part(keys.provisionService(run, one.service), one)),
      ...batches.map((one) => part(keys.provisionBatch(run, one.service, one.number), one)),
    ];
    for (let from = 0; from < parts.length; from += MOST_CHANGES)
      if (!(await this.table.write(parts.slice(from, from + MOST_CHANGES)))) throw lost(run);
    await this.#write(keys.provisionRun(run.environment, run.run), run, was.version, run);
    return { value: run, version: was.version + 1 };
  }

  async parts(run: ProvisionRun): Promise<RunParts> {
    const [services, batches] = await Promise.all([
      this.table.query(...keys.provisionServices(run)),
      this.table.query(...keys.provisionBatches(run)),
    ]);
    return {
      services: services.map(({ value }) => ServiceRun.parse(value)),
      batches: batches.map(({ value, version }) => ({
        value: ProvisionBatch.parse(value),
        version,
      })),
    };
  }

  async saveBatch(
    run: ProvisionRun,
    batch: ProvisionBatch,
    was: Read<ProvisionBatch>,
  ): Promise<Read<ProvisionBatch>> {
    const key = keys.provisionBatch(run, batch.service, batch.number);
    await this.#write(key, batch, was.version, run);
    return { value: batch, version: was.version + 1 };
  }

  async end(run: ProvisionRun, was: Read<ProvisionRun>): Promise<void> {
    const given = await endTurn(this.table, run);
    const ended: Change = {
      ...keys.provisionRun(run.environment, run.run),
      expected: was.version,
      value: run,
      ttl: ttlOf(run),
    };
    if (!(await this.table.write([ended, ...given]))) throw lost(run);
  }

  async #write(key: Key, value: object, expected: number, run: ProvisionRun): Promise<void> {
    if (await this.table.write([{ ...key, expected, value, ttl: ttlOf(run) }])) return;
    throw lost(run);
  }
}

const ttlOf = ({ asked }: ProvisionRun) => Math.floor(Date.parse(asked) / 1_000) + KEPT_SECONDS;

function lost({ run, environment }: ProvisionRun): Unavailable {
  return new Unavailable(`The run ${run} is being written by another`, {
    data: { run, environment },
  });
}
