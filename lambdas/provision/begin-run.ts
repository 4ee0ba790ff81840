import { DesiredState } from '../domain/desired-state.ts';
import { ConveyorError, Unavailable } from '../domain/errors.ts';
import { ServiceName } from '../domain/names.ts';
import type { ProvisionBatch, ProvisionRun, ServiceRun } from '../domain/provision-run.ts';
import type { Hosts } from '../ports/hosts.ts';
import type { Read } from '../ports/rollouts.ts';
import type { ProvisionPorts } from './provision-ports.ts';
import { factsOf, refusal } from './service-facts.ts';

/** "SendCommand", `InstanceIds`. */
const MOST_IN_A_COMMAND = 50;

/**
 * Reads what is declared, and which hosts there are, at this moment; from here on the run goes by it.
 * @throws Unavailable
 */
export async function beginRun(
  ports: ProvisionPorts,
  hosts: Hosts,
  was: Read<ProvisionRun>,
): Promise<Read<ProvisionRun>> {
  const began = ports.clock.now().toISOString();
  const run = { ...was.value, began, plan: ports.clock.ulid(), state: 'running' as const };
  const services: ServiceRun[] = [];
  const batches: ProvisionBatch[] = [];
  for (const service of await servicesOf(ports, run)) {
    const opened = await openService(ports, hosts, run, service);
    services.push(opened.service);
    batches.push(...opened.batches);
  }
  return ports.runs.begin(run, was, services, batches);
}

/** What is declared, and what was put on hosts once and is declared no longer. */
async function servicesOf(
  { provisioning, turns }: ProvisionPorts,
  { environment, service: only }: ProvisionRun,
): Promise<Omit<ServiceRun, 'unreachable'>[]> {
  // In this order: what is remembered was declared before.
  const known = await turns.provisioned(environment);
  const declared = (await provisioning.desired(environment)).map(({ service, text }) =>
    desiredOf(service, text),
  );
  const gone = known
    .filter(({ service }) => declared.every((one) => one.service !== service))
    .map(({ service, hosts }) => ({ service, hosts, wanted: 'absent' as const }));
  const found = [...declared, ...gone].filter(({ service }) => (only ?? service) === service);
  return found.sort((a, b) => (a.service < b.service ? -1 : 1));
}

function desiredOf(name: string, text: string): Omit<ServiceRun, 'unreachable'> {
  const parsed = DesiredState.safeParse(parseJson(text));
  const service = ServiceName.parse(name);
  if (!parsed.success || parsed.data.service !== service)
    throw new Unavailable(`The declared state of ${name} is not what this version writes`, {
      data: { service: name },
      fix: 'Run cdk deploy again.',
    });
  const { hosts, provision } = parsed.data;
  const wanted = provision === 'absent' ? 'absent' : 'present';
  return { service, wanted, hosts, desired: parsed.data };
}

async function openService(
  ports: ProvisionPorts,
  hosts: Hosts,
  run: ProvisionRun,
  service: Omit<ServiceRun, 'unreachable'>,
): Promise<{ service: ServiceRun; batches: ProvisionBatch[] }> {
  const nothing = (problem: string) => ({
    service: { ...service, unreachable: [], problem },
    batches: [],
  });
  const facts = await factsOf(ports, run, service);
  if ('problem' in facts) return nothing(facts.problem);
  const tagged = await hosts.tagged(service.hosts).catch(refusal);
  if (tagged instanceof ConveyorError) return nothing(tagged.message);
  // Before any host is told: what a run leaves on hosts is never forgotten.
  if (run.mode === 'apply' && service.wanted === 'present')
    await ports.turns.remember(run.environment, service.service, service.hosts);
  const unreachable = tagged.filter(({ online }) => !online).map(({ instance }) => instance);
  const online = tagged.filter((host) => host.online);
  const batches = Array.from(
    { length: Math.ceil(online.length / MOST_IN_A_COMMAND) },
    (_, number): ProvisionBatch => ({
      service: service.service,
      number,
      phase: 'looking',
      round: 1,
      hosts: online
        .slice(number * MOST_IN_A_COMMAND, (number + 1) * MOST_IN_A_COMMAND)
        .map(({ instance }) => ({ instance, state: 'waiting', changes: [], keeps: [] })),
      commands: [],
    }),
  );
  return { service: { ...service, unreachable }, batches };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
