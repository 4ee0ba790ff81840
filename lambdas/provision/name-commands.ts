import { digestOf } from '../domain/digest.ts';
import type { ProvisionBatch, ProvisionCommand, ProvisionRun } from '../domain/provision-run.ts';
import { InstanceId } from '../domain/rollout.ts';
import type { PlanRow } from './plan-provision.ts';

/** The command that asks hosts how they are. Pure. */
export function lookCommand(
  run: ProvisionRun,
  batch: ProvisionBatch,
  instances: readonly InstanceId[],
  now: Date,
): ProvisionCommand {
  return nameCommand(run, batch, 'observe', instances, now);
}

/**
 * What brings hosts to what is declared: one command for all that are told the same, one each where the credential is to be
 * sealed to a host's own key. Pure.
 */
export function applyCommands(
  run: ProvisionRun,
  batch: ProvisionBatch,
  rows: readonly PlanRow[],
  keys: ReadonlyMap<string, string | undefined>,
  now: Date,
): ProvisionCommand[] {
  const of = (wanted: (row: PlanRow) => boolean) =>
    rows.filter(wanted).map(({ host }) => InstanceId.parse(host));
  const gone = of(({ action }) => action === 'remove');
  const alike = of(({ action, seal }) => action !== 'remove' && !seal);
  const alone = of(({ action, seal }) => action !== 'remove' && seal);
  return [
    ...(gone.length === 0 ? [] : [nameCommand(run, batch, 'remove', gone, now)]),
    ...(alike.length === 0 ? [] : [nameCommand(run, batch, 'apply', alike, now)]),
    ...alone.map((instance) => {
      const hostKey = keys.get(instance);
      const command = nameCommand(run, batch, 'apply', [instance], now);
      return hostKey === undefined ? command : { ...command, hostKey };
    }),
  ];
}

/** Named by what it is about, at most 100 characters: found again by it where the reply was lost. */
function nameCommand(
  { run, environment, plan }: ProvisionRun,
  { service, number, round, phase }: ProvisionBatch,
  action: ProvisionCommand['action'],
  instances: readonly InstanceId[],
  now: Date,
): ProvisionCommand {
  const about = [run, plan, environment, service, number, round, phase, action, ...instances];
  const name = digestOf(JSON.stringify(about)).slice('sha256:'.length, 'sha256:'.length + 24);
  const comment = `conveyor provision ${service} ${action} ${name}`;
  return { action, comment, instances: [...instances], since: now.toISOString() };
}
