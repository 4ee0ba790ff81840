import * as z from 'zod';
import { Unavailable } from '../domain/errors.ts';
import { HostTag } from '../domain/host-target.ts';
import { type EnvironmentName, ServiceName } from '../domain/names.ts';
import { type ProvisionRun, ProvisionTurn } from '../domain/provision-run.ts';
import type { ProvisionTurns } from '../ports/provision-runs.ts';
import type { Read } from '../ports/rollouts.ts';
import type { Change, Table } from '../ports/table.ts';
import { keys } from './table-keys.ts';

/** `gone`: nothing of it is on hosts any more. Nobody may delete what has been on hosts from the table. */
const Provisioned = z.object({
  service: ServiceName,
  hosts: HostTag,
  gone: z.boolean().default(false),
});

export class TableProvisionTurns implements ProvisionTurns {
  constructor(private readonly table: Table) {}

  async read(environment: EnvironmentName): Promise<Read<ProvisionTurn> | undefined> {
    return readTurn(this.table, environment);
  }

  async save(
    environment: EnvironmentName,
    turn: ProvisionTurn,
    was: Read<ProvisionTurn> | undefined,
  ): Promise<void> {
    const key = keys.provisionTurn(environment);
    const change = { ...key, expected: was?.version ?? ('absent' as const), value: turn };
    if (await this.table.write([change])) return;
    throw new Unavailable(`The turn of ${environment} was taken by another`, {
      data: { environment },
    });
  }

  async provisioned(environment: EnvironmentName) {
    const found = await this.table.query(...keys.allProvisioned(environment));
    return found.map(({ value }) => Provisioned.parse(value)).filter(({ gone }) => !gone);
  }

  async remember(
    environment: EnvironmentName,
    service: ServiceName,
    hosts: HostTag,
  ): Promise<void> {
    const key = keys.provisioned(environment, service);
    await this.table.write([{ ...key, expected: 'any', value: { service, hosts } }]);
  }

  async forget(environment: EnvironmentName, service: ServiceName, hosts: HostTag): Promise<void> {
    const key = keys.provisioned(environment, service);
    await this.table.write([{ ...key, expected: 'any', value: { service, hosts, gone: true } }]);
  }
}

/** What gives the turn up that a run has; nothing where it has none. Goes into the write that ends the run. */
export async function endTurn(table: Table, run: ProvisionRun): Promise<Change[]> {
  const turn = await readTurn(table, run.environment);
  if (turn === undefined || turn.value.run !== run.run) return [];
  const { run: _, ...free } = turn.value;
  const value: ProvisionTurn = { ...free, last: run };
  return [{ ...keys.provisionTurn(run.environment), expected: turn.version, value }];
}

async function readTurn(table: Table, environment: EnvironmentName) {
  const found = await table.get(keys.provisionTurn(environment));
  return found && { value: ProvisionTurn.parse(found.value), version: found.version };
}
