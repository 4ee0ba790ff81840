import type { ServiceName } from '../domain/names.ts';
import type { HostProvision, ProvisionRun, RunState, ServiceRun } from '../domain/provision-run.ts';
import type { RunParts } from '../ports/provision-runs.ts';
import type { Read } from '../ports/rollouts.ts';
import { hostPlaces } from './host-places.ts';
import type { ProvisionPorts } from './provision-ports.ts';

/**
 * Publishes where services are, remembers what is left on hosts, and ends the run. Each of it may happen twice.
 * @throws Unavailable
 */
export async function endRun(
  ports: ProvisionPorts,
  run: Read<ProvisionRun>,
  { services, batches }: RunParts,
): Promise<ProvisionRun> {
  const { mode } = run.value;
  const hostsOf = (service: ServiceName) =>
    batches.filter(({ value }) => value.service === service).flatMap(({ value }) => value.hosts);
  if (mode === 'apply')
    for (const service of services) await tell(ports, run.value, service, hostsOf(service.service));
  const wrong = services.filter((one) => !isRight(one, hostsOf(one.service)));
  const state: RunState =
    mode === 'plan' ? 'planned' : wrong.length === 0 ? 'converged' : 'incomplete';
  const ended = ports.clock.now().toISOString();
  const because = inWords(
    services,
    services.flatMap(({ service }) => hostsOf(service)),
  );
  const done: ProvisionRun = { ...run.value, state, ended, because };
  await ports.runs.end(done, run);
  return done;
}

/** Nothing more comes of it: who asked is told, and the next may go. */
export async function failRun(
  { runs, clock }: Pick<ProvisionPorts, 'runs' | 'clock'>,
  run: Read<ProvisionRun>,
  because: string,
): Promise<ProvisionRun> {
  const ended = clock.now().toISOString();
  const failed: ProvisionRun = { ...run.value, state: 'failed', ended, because };
  await runs.end(failed, run);
  return failed;
}

async function tell(
  { provisioning, turns, clock }: ProvisionPorts,
  { environment }: ProvisionRun,
  service: ServiceRun,
  hosts: readonly HostProvision[],
): Promise<void> {
  if (!isRight(service, hosts)) return;
  const { service: name, wanted, hosts: tag, unreachable } = service;
  if (wanted === 'absent') {
    await provisioning.withdraw(environment, name);
    // A host that is off still has it: the next run asks again.
    if (unreachable.length === 0) await turns.forget(environment, name, tag);
    return;
  }
  const { folder, unit } = hostPlaces(name);
  await provisioning.publish({
    schema: 1,
    service: name,
    environment,
    kind: 'systemd',
    hosts: tag,
    folder,
    unit,
    instances: hosts.length,
    at: clock.now().toISOString(),
  });
}

const isRight = ({ problem }: ServiceRun, hosts: readonly HostProvision[]) =>
  problem === undefined &&
  hosts.every(({ state }) => state === 'as declared' || state === 'changed' || state === 'planned');

function inWords(services: readonly ServiceRun[], hosts: readonly HostProvision[]): string {
  const count = (...states: HostProvision['state'][]) =>
    hosts.filter(({ state }) => states.includes(state)).length;
  const problems = services.flatMap(({ service, problem }) =>
    problem === undefined ? [] : [`${service}: ${problem}`],
  );
  const off = services.flatMap(({ unreachable }) => unreachable).length;
  const parts = [
    [count('planned'), 'looked at'],
    [count('as declared'), 'as declared'],
    [count('changed'), 'changed'],
    [count('failed'), 'failed'],
    [count('blocked'), 'blocked'],
    [off, 'cannot be reached'],
  ] as const;
  const told = parts.flatMap(([n, what]) => (n === 0 ? [] : [`${n} ${what}`]));
  return [told.length === 0 ? 'no host' : told.join(', '), ...problems].join('; ').slice(0, 1_000);
}
