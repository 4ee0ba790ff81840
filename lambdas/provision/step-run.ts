import { isOver, type ProvisionRun } from '../domain/provision-run.ts';
import type { Read } from '../ports/rollouts.ts';
import { advanceRun } from './advance-run.ts';
import { type Asked, openRun } from './open-run.ts';
import type { ProvisionPorts, Stepped } from './provision-ports.ts';
import { takeTurn } from './take-turn.ts';

/** Seconds between two looks at whose turn it is. */
const TURN_SECONDS = 10;

/**
 * Takes a run of provisioning one step on. All that it knows is in the table, so that it may be called twice, late, or by
 * another execution; hosts are changed by one run of an environment at a time.
 * @throws Unavailable, HostsRefused
 */
export async function stepRun(ports: ProvisionPorts, asked: Asked): Promise<Stepped> {
  const run = await ports.runs.open(openRun(asked, ports.clock.now()));
  if (isOver(run.value)) return outcomeOf(run.value);
  if (run.value.mode === 'plan') return outcomeOf(await advanceRun(ports, run));
  const turn = await takeTurn(ports, run.value);
  if (turn.do === 'be answered') {
    const answered = { ...run.value, ...turn.by, ended: ports.clock.now().toISOString() };
    await ports.runs.end(answered, run);
    return outcomeOf(answered);
  }
  if (turn.do === 'push on') {
    const other = await ports.runs.find(asked.environment, turn.run);
    if (other !== undefined) await pushOn(ports, other);
  }
  if (turn.do !== 'go') return { outcome: 'wait', seconds: TURN_SECONDS };
  return outcomeOf(await advanceRun(ports, run));
}

/** Whose execution is gone is taken on by whoever waits behind it; one that ended and kept the turn gives it up. */
async function pushOn(ports: ProvisionPorts, run: Read<ProvisionRun>): Promise<void> {
  if (isOver(run.value)) await ports.runs.end(run.value, run);
  else await advanceRun(ports, run);
}

function outcomeOf(run: ProvisionRun | { readonly wait: number }): Stepped {
  if ('wait' in run) return { outcome: 'wait', seconds: run.wait };
  const { state } = run;
  return state === 'waiting' || state === 'running'
    ? { outcome: 'wait', seconds: TURN_SECONDS }
    : { outcome: state };
}
