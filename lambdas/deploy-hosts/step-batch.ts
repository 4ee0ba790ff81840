import type {
  Batch,
  HostOutcome,
  HostRollout,
  InstanceId,
  SentCommand,
} from '../domain/rollout.ts';
import type { Read } from '../ports/rollouts.ts';
import { judgeHost } from './judge-host.ts';
import {
  type Answers,
  beginCommand,
  type CommandPorts,
  nameCommand,
  type Request,
  runCommand,
} from './run-command.ts';

/** A host whose lock another run holds is told again: after so many seconds, then twice, three times as many. */
const BUSY_SECONDS = 15;
const MOST_BUSY_SECONDS = 60;
/** With these pauses, longer than a run may take by default. */
const MOST_COMMANDS = 20;

/**
 * One step of a batch: begins what its phase begins with, or asks how that goes and enters the next. Whoever dies in
 * between is followed by one that finds what it left.
 */
export async function stepBatch(
  ports: CommandPorts,
  rollout: HostRollout,
  batch: Read<Batch>,
  request: Request,
): Promise<Read<Batch>> {
  const now = ports.clock.now();
  if (batch.value.phase === 'planned') {
    const command = nameCommand(batch.value, rollout, 'deploy', all(batch.value), now);
    const begun = { ...batch.value, phase: 'deploying' as const, command };
    return beginCommand(ports, rollout, begun, batch, request);
  }
  if (batch.value.phase === 'settled' && rollout.phase === 'undoing')
    return beginCommand(ports, rollout, undoing(batch.value, rollout, now), batch, request);
  const { batch: asked, answers } = await runCommand(ports, rollout, batch, request);
  if (answers === undefined) return asked;
  const next = afterAnswers(asked.value, rollout, answers, now);
  return next.command === undefined
    ? ports.rollouts.saveBatch(rollout, next, asked)
    : beginCommand(ports, rollout, next, asked, request);
}

/** Every host that was reached goes back to its own version; those that do already are asked all the same. */
function undoing(batch: Batch, rollout: HostRollout, now: Date): Batch {
  const command = nameCommand(batch, rollout, 'restore', all(batch), now);
  return { ...batch, phase: 'undoing', command };
}

function afterAnswers(batch: Batch, rollout: HostRollout, answers: Answers, now: Date): Batch {
  const command = (action: SentCommand['action'], who: readonly InstanceId[]) =>
    nameCommand(batch, rollout, action, who, now);
  const again = whereBusy(batch, rollout, answers, now);
  if (again !== undefined) return again;
  switch (batch.phase) {
    case 'deploying': {
      const hosts = batch.hosts.map((host) => remember(host, answers));
      return { ...batch, hosts, phase: 'observing', command: command('observe', all(batch)) };
    }
    case 'observing': {
      const hosts = batch.hosts.map((host) => judged(host, rollout, answers));
      const between = hosts.filter(({ instance, state }) => {
        const seen = answers.get(instance)?.report;
        return state === 'failed' && seen?.good !== undefined && seen.version !== seen.good;
      });
      const settled = { ...batch, hosts, phase: 'settled' as const };
      if (between.length === 0) return withoutCommand(settled);
      const who = between.map(({ instance }) => instance);
      return { ...settled, phase: 'returning', command: command('restore', who) };
    }
    case 'returning':
      return { ...batch, phase: 'looking', command: command('observe', all(batch)) };
    case 'undoing':
      return { ...batch, phase: 'seeing', command: command('observe', all(batch)) };
    case 'looking': {
      const hosts = batch.hosts.map((host) => lookedAt(host, answers));
      return withoutCommand({ ...batch, hosts, phase: 'settled' });
    }
    case 'seeing': {
      const hosts = batch.hosts.map((host) => restored(lookedAt(host, answers), rollout));
      return withoutCommand({ ...batch, hosts, phase: 'undone' });
    }
    default:
      return batch;
  }
}

const all = ({ hosts }: Batch) => hosts.map(({ instance }) => instance);

function withoutCommand({ command: _, ...batch }: Batch): Batch {
  return batch;
}

/** Its lock is held by an earlier run, of the same command or another, or by somebody at the host. */
function whereBusy(
  batch: Batch,
  rollout: HostRollout,
  answers: Answers,
  now: Date,
): Batch | undefined {
  const busy = busyIn(answers);
  const { command, commands } = batch;
  if (command === undefined || busy.length === 0 || commands.length >= MOST_COMMANDS)
    return undefined;
  const seconds = Math.min(MOST_BUSY_SECONDS, BUSY_SECONDS * commands.length);
  const then = new Date(now.getTime() + seconds * 1_000);
  const hosts = batch.hosts.map((host) =>
    batch.phase === 'deploying' ? remember(host, answers) : host,
  );
  return { ...batch, hosts, command: nameCommand(batch, rollout, command.action, busy, then) };
}

function busyIn(answers: Answers): InstanceId[] {
  return [...answers].flatMap(([instance, { report }]) =>
    report?.state === 'busy' ? [instance] : [],
  );
}

/** What the deploy script said is kept as the reason, until the host has been asked. */
function remember(host: HostOutcome, answers: Answers): HostOutcome {
  const answer = answers.get(host.instance);
  if (answer === undefined) return host;
  const { report, detail } = answer;
  const reason = report === undefined ? `its command ended as ${detail}` : report.reason;
  return { ...host, reason };
}

function judged(host: HostOutcome, rollout: HostRollout, answers: Answers): HostOutcome {
  const seen = answers.get(host.instance)?.report;
  return judgeHost(host.instance, rollout, seen, host.reason);
}

/** Who failed stays so, wherever it is by now. */
function lookedAt(host: HostOutcome, answers: Answers): HostOutcome {
  const seen = answers.get(host.instance)?.report;
  if (seen === undefined) return { ...host, state: 'unknown', reason: 'does not answer' };
  const { version: _, digest: __, ...rest } = host;
  return {
    ...rest,
    ...(seen.version !== undefined && { version: seen.version }),
    ...(seen.digest !== undefined && { digest: seen.digest }),
  };
}

function restored(host: HostOutcome, { version }: HostRollout): HostOutcome {
  if (host.state === 'unknown') return host;
  if (host.version === version)
    return { ...host, state: 'failed', reason: 'could not be brought back to its own version' };
  return { ...host, state: 'restored' };
}
