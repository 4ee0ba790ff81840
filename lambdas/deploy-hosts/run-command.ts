import type { Batch, HostReport, HostRollout, InstanceId, SentCommand } from '../domain/rollout.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostCommands, Invocation, Sent } from '../ports/host-commands.ts';
import type { Read, Rollouts } from '../ports/rollouts.ts';
import { readReport } from './read-report.ts';

export interface CommandPorts {
  readonly rollouts: Rollouts;
  readonly commands: HostCommands;
  readonly clock: Clock;
}

/** Renders the document's one parameter. */
export type Request = (action: SentCommand['action']) => string;

export interface Answer {
  readonly detail?: string;
  readonly report?: HostReport;
}

/** By host, once nobody has to be waited for any more; undefined before. */
export type Answers = ReadonlyMap<InstanceId, Answer>;

/** Seconds beyond a command's own time, for SSM to deliver it and to tell. */
const GRACE_SECONDS = 120;

/** The command that a batch shall be about, named before anything is sent. */
export function nameCommand(
  batch: Batch,
  rollout: Pick<HostRollout, 'promotion'>,
  action: SentCommand['action'],
  instances: readonly InstanceId[],
  now: Date,
): SentCommand {
  const turn = batch.commands.length + 1;
  return {
    action,
    comment: `conveyor ${rollout.promotion} ${action} batch ${batch.number} command ${turn}`,
    instances: [...instances],
    since: now.toISOString(),
  };
}

/**
 * Writes down what a batch shall be about now, and does it, unless it is to wait. Nobody else can have sent what was only
 * just named.
 * @throws Unavailable, HostsRefused
 */
export async function beginCommand(
  ports: CommandPorts,
  rollout: HostRollout,
  begun: Batch,
  was: Read<Batch>,
  request: Request,
): Promise<Read<Batch>> {
  const saved = await ports.rollouts.saveBatch(rollout, begun, was);
  return isDue(begun.command, ports.clock) ? send(ports, rollout, saved, request) : saved;
}

/**
 * Asks how a batch's command goes; sends it first, where that was to wait or whoever named it has died. A death between the
 * sending and the noting of its id is made good by its comment.
 * @throws Unavailable, HostsRefused
 */
export async function runCommand(
  ports: CommandPorts,
  rollout: HostRollout,
  batch: Read<Batch>,
  request: Request,
): Promise<{ batch: Read<Batch>; answers?: Answers }> {
  const { commands, clock } = ports;
  const { command } = batch.value;
  if (command === undefined || !isDue(command, clock)) return { batch };
  if (command.instances.length === 0) return { batch, answers: new Map() };
  const within = secondsFor(command.action, rollout.policy);
  if (command.id === undefined) {
    const id = await commands.find(command.comment, new Date(command.since));
    const known = id !== undefined && { id, to: command.instances };
    return { batch: await send(ports, rollout, batch, request, known || undefined) };
  }
  const seen = await commands.invocations(command.id);
  const ended = seen.filter((one) => one.ended);
  const late = clock.now().getTime() > Date.parse(command.since) + (within + GRACE_SECONDS) * 1_000;
  if (ended.length < command.instances.length) {
    if (!late) return { batch };
    await commands.cancel(command.id);
  }
  return { batch, answers: new Map(seen.map((one) => [one.instance, answerOf(one)])) };
}

/**
 * How long a script may take. A look waits for the health check too (`systemd.sh`, `observe`); a deploy waits for the new
 * version's, and where that fails for the old one's.
 */
function secondsFor(
  action: SentCommand['action'],
  { within, health = 0 }: HostRollout['policy'],
): number {
  return action === 'observe' ? Math.max(GRACE_SECONDS, health) : Math.max(within, 2 * health);
}

async function send(
  { rollouts, commands }: CommandPorts,
  rollout: HostRollout,
  batch: Read<Batch>,
  request: Request,
  known?: Sent,
): Promise<Read<Batch>> {
  const { command } = batch.value;
  if (command === undefined) return batch;
  const { action, comment, instances } = command;
  const within = secondsFor(action, rollout.policy);
  const { id, to } =
    known ?? (await commands.send({ request: request(action), instances, comment, within }));
  const sent = {
    ...batch.value,
    command: { ...command, instances: [...to], ...(id !== undefined && { id }) },
    commands: [...batch.value.commands, ...(id === undefined ? [] : [id])],
  };
  return rollouts.saveBatch(rollout, sent, batch);
}

function isDue(command: SentCommand | undefined, clock: Clock): boolean {
  return command !== undefined && clock.now() >= new Date(command.since);
}

function answerOf({ detail, output }: Invocation): Answer {
  const report = readReport(output);
  return { detail, ...(report && { report }) };
}
