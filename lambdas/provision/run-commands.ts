import { HostsRefused, InvalidInput } from '../domain/errors.ts';
import type {
  ProvisionBatch,
  ProvisionCommand,
  ProvisionRun,
  ServiceRun,
} from '../domain/provision-run.ts';
import type { InstanceId } from '../domain/rollout.ts';
import type { HostCommands, Invocation } from '../ports/host-commands.ts';
import type { Read } from '../ports/rollouts.ts';
import { commandRequest } from './command-request.ts';
import type { ProvisionPorts } from './provision-ports.ts';
import { type ProvisionReport, readProvisionReport } from './provision-report.ts';
import type { ServiceFacts } from './service-facts.ts';
import { readable } from './settle-host.ts';

export type CommandPorts = Pick<ProvisionPorts, 'runs' | 'clock'> & {
  readonly commands: HostCommands;
};

interface Answer {
  readonly report?: ProvisionReport;
}

/** By host. */
export type Answers = ReadonlyMap<InstanceId, Answer>;

/** Seconds that a host may take: a look has nothing to wait for, a unit takes as long as it may to stop (700, provision.sh). */
const WITHIN = { observe: 120, apply: 900, remove: 900 } as const;
/** Seconds beyond, for SSM to deliver a command and to tell. */
const GRACE_SECONDS = 120;

/**
 * Sends what is named and not sent yet, each once. A death between a sending and the noting of its id is made good by the
 * command's comment, which is only looked for where that may have been. Hosts that are not there any more are left out.
 * @throws Unavailable
 */
export async function sendCommands(
  { runs, commands, clock }: CommandPorts,
  at: { run: ProvisionRun; service: ServiceRun; facts: ServiceFacts },
  batch: Read<ProvisionBatch>,
  named: 'just named' | 'named before',
): Promise<Read<ProvisionBatch>> {
  if (batch.value.commands.every(isOnItsWay)) return batch;
  const sent: ProvisionCommand[] = [];
  for (const command of batch.value.commands) {
    const before =
      isOnItsWay(command) || named === 'just named'
        ? undefined
        : await commands.find(command.comment, new Date(command.since));
    if (isOnItsWay(command)) sent.push(command);
    else if (before !== undefined) sent.push({ ...command, id: before });
    else sent.push(await send(commands, at, command, clock.now()));
  }
  const asked = batch.value.commands.flatMap(({ instances }) => instances);
  const here = new Set(sent.flatMap(({ instances }) => instances));
  const hosts = batch.value.hosts.filter(
    ({ instance }) => here.has(instance) || !asked.includes(instance),
  );
  return runs.saveBatch(at.run, { ...batch.value, hosts, commands: sent }, batch);
}

const isOnItsWay = ({ id, told }: ProvisionCommand) => id !== undefined || told !== undefined;

async function send(
  commands: HostCommands,
  at: { run: ProvisionRun; service: ServiceRun; facts: ServiceFacts },
  command: ProvisionCommand,
  now: Date,
): Promise<ProvisionCommand> {
  const { comment, instances, action } = command;
  try {
    const request = await commandRequest(at, command);
    const within = WITHIN[action];
    const { id, to } = await commands.send({ request, instances, comment, within });
    const sent = { ...command, instances: [...to], since: now.toISOString() };
    return id === undefined ? { ...sent, told: {} } : { ...sent, id };
  } catch (error) {
    // What nobody may send, or no host can take in, is told of these hosts; others go on.
    if (!(error instanceof HostsRefused) && !(error instanceof InvalidInput)) throw error;
    return { ...command, told: all(instances, readable(error.message)) };
  }
}

/**
 * Asks how the commands go. What a host said of itself is noted as its reason; the reports of a look are the answers.
 * @returns without answers while there is somebody to wait for
 * @throws Unavailable
 */
export async function askCommands(
  { runs, commands, clock }: CommandPorts,
  run: ProvisionRun,
  batch: Read<ProvisionBatch>,
): Promise<{ batch: Read<ProvisionBatch>; answers?: Answers }> {
  const answers = new Map<InstanceId, Answer>();
  const asked: ProvisionCommand[] = [];
  let isDone = true;
  for (const command of batch.value.commands) {
    const over = command.told ?? (await toldBy(commands, command, clock.now(), answers));
    isDone &&= over !== undefined;
    // What a look found is judged in this very step; a death before that asks again.
    const isNews = over !== undefined && command.told === undefined && command.action !== 'observe';
    asked.push(isNews ? { ...command, told: over } : command);
  }
  const moved = asked.some((command, n) => command !== batch.value.commands[n]);
  const now = moved ? await runs.saveBatch(run, { ...batch.value, commands: asked }, batch) : batch;
  return isDone ? { batch: now, answers } : { batch: now };
}

/** What became of a command, by host; undefined while there is somebody to wait for. */
async function toldBy(
  commands: HostCommands,
  command: ProvisionCommand,
  now: Date,
  answers: Map<InstanceId, Answer>,
): Promise<Readonly<Record<string, string>> | undefined> {
  const { id, instances } = command;
  if (id === undefined) return undefined;
  const seen = await commands.invocations(id);
  const isLate = now.getTime() > lateAt(command);
  if (seen.filter(({ ended }) => ended).length < instances.length && !isLate) return undefined;
  if (isLate) await commands.cancel(id);
  for (const one of seen) answers.set(one.instance, answerOf(one));
  return Object.fromEntries(seen.map((one) => [one.instance, wordsOf(one)]));
}

const lateAt = ({ since, action }: ProvisionCommand) =>
  Date.parse(since) + (WITHIN[action] + GRACE_SECONDS) * 1_000;

function answerOf({ output }: Invocation): Answer {
  const report = readProvisionReport(output);
  return report === undefined ? {} : { report };
}

function wordsOf(one: Invocation): string {
  const said = answerOf(one).report?.reason;
  return readable(said ?? `its command ended as ${one.detail}`);
}

const all = (instances: readonly InstanceId[], why: string) =>
  Object.fromEntries(instances.map((instance) => [instance, why]));
