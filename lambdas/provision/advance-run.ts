import type { ProvisionBatch, ProvisionRun } from '../domain/provision-run.ts';
import type { Read } from '../ports/rollouts.ts';
import { advanceBatch } from './advance-batch.ts';
import { beginRun } from './begin-run.ts';
import { endRun } from './end-run.ts';
import type { ProvisionPorts } from './provision-ports.ts';
import { factsOf, type ServiceFacts } from './service-facts.ts';

const SHORTEST_WAIT = 3;
const LONGEST_WAIT = 30;
/** A step stops beginning batches then; the function's own limit is two minutes (infra/provision.ts). */
const STEP_MILLISECONDS = 60_000;

/**
 * One step of a run whose turn it is: it begins, or every batch that is not settled takes a step, or it ends.
 * @throws Unavailable, HostsRefused
 */
export async function advanceRun(
  ports: ProvisionPorts,
  run: Read<ProvisionRun>,
): Promise<ProvisionRun | { readonly wait: number }> {
  const { clock, runs } = ports;
  const opened = await ports.openHosts(run.value.environment, run.value.run);
  if (opened === undefined) return endRun(ports, run, { services: [], batches: [] });
  const now = run.value.state === 'waiting' ? await beginRun(ports, opened.hosts, run) : run;
  const { services, batches } = await runs.parts(now.value);
  const until = clock.now().getTime() + STEP_MILLISECONDS;
  const facts = new Map<string, Promise<ServiceFacts | { readonly problem: string }>>();
  const after: Read<ProvisionBatch>[] = [];
  for (const batch of batches) {
    const service = services.find((one) => one.service === batch.value.service);
    const isNow = batch.value.phase !== 'settled' && clock.now().getTime() < until;
    if (service === undefined || !isNow) {
      after.push(batch);
      continue;
    }
    const known = facts.get(service.service) ?? factsOf(ports, now.value, service);
    facts.set(service.service, known);
    const at = { run: now.value, service, facts: await known };
    after.push(await advanceBatch({ ...ports, commands: opened.commands }, at, batch));
  }
  if (after.every(({ value }) => value.phase === 'settled'))
    return endRun(ports, now, { services, batches: after });
  return { wait: patience(after, clock.now()) };
}

/** Often at first; hosts that take minutes are not asked every few seconds. */
function patience(batches: readonly Read<ProvisionBatch>[], now: Date): number {
  const since = batches
    .filter(({ value }) => value.phase !== 'settled')
    .flatMap(({ value }) => value.commands.map((one) => Date.parse(one.since)));
  const waited = since.length === 0 ? 0 : (now.getTime() - Math.max(...since)) / 1_000;
  return Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, Math.round(waited / 4)));
}
