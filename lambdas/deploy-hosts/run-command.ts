import type { Batch, HostReport, HostRollout, InstanceId, SentCommand } from '../domain/rollout.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostCommands, Invocation } from '../ports/host-commands.ts';
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
 * Sends a batch's command once, and asks how it goes. A death between the sending and the noting of its id is made good by
 * its comment.
 * @throws Unavailable, HostsRefused
 */
export async function runCommand(
  { rollouts, commands, clock }: CommandPorts,
  rollout: HostRollout,
  batch: Read<Batch>,
  request: Request,
): Promise<{ batch: Read<Batch>; answers?: Answers }> {
  const { command } = batch.value;
  if (command === undefined) return { batch };
  const within = secondsFor(command.action, rollout.policy);
  if (command.id === undefined) {
    const since = new Date(command.since);
    const id =
      (await commands.find(command.comment, since)) ??
      (await commands.send({
        request: request(command.action),
        instances: command.instances,
        comment: command.comment,
        within,
      }));
    const sent = {
      ...batch.value,
      command: { ...command, id },
      commands: [...batch.value.commands, id],
    };
    return { batch: await rollouts.saveBatch(rollout, sent, batch) };
  }
  const seen = await commands.invocations(command.id);
  const ended = seen.filter((one) => one.ended);
  const late = clock.now().getTime() > Date.parse(command.since) + (within + GRACE_SECONDS) * 1_000;
  if (ended.length < command.instances.length && !late) return { batch };
  if (late) await commands.cancel(command.id);
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

function answerOf({ detail, output }: Invocation): Answer {
  const report = readReport(output);
  return { detail, ...(report && { report }) };
}
