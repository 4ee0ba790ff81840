import type { ProvisionRun, ProvisionTurn, RunId } from '../domain/provision-run.ts';
import type { ProvisionPorts } from './provision-ports.ts';

export type Turn =
  | { readonly do: 'go' | 'wait' }
  /** Nobody has taken that run on for long: its execution may be gone. */
  | { readonly do: 'push on'; readonly run: RunId }
  /** All that was asked for was done by a run that began afterwards. */
  | {
      readonly do: 'be answered';
      readonly by: Pick<ProvisionRun, 'state' | 'because' | 'answeredBy' | 'began'>;
    };

/** A step takes two minutes at most (infra/provision.ts), the waits between two steps half a minute. */
const SILENCE_MILLISECONDS = 5 * 60_000;
/** How often who has the turn says that it is there. */
const SAID_MILLISECONDS = 60_000;

/**
 * Whose turn it is. Nothing rests on the clock but patience: two that step the same run at once are told apart by what
 * they read, and whoever is slower tries again.
 * @throws Unavailable where somebody else was first
 */
export async function takeTurn(
  { turns, clock }: Pick<ProvisionPorts, 'turns' | 'clock'>,
  run: ProvisionRun,
): Promise<Turn> {
  const now = clock.now();
  const turn = await turns.read(run.environment);
  const silent = now.getTime() - Date.parse(turn?.value.stepped ?? run.asked);
  const stepped = now.toISOString();
  const holder = turn?.value.run;
  if (turn !== undefined && holder !== undefined && holder !== run.run) {
    if (silent < SILENCE_MILLISECONDS) return { do: 'wait' };
    await turns.save(run.environment, { ...turn.value, stepped }, turn);
    return { do: 'push on', run: holder };
  }
  if (holder === run.run) {
    if (silent > SAID_MILLISECONDS)
      await turns.save(run.environment, { ...turn?.value, run: run.run, stepped }, turn);
    return { do: 'go' };
  }
  const by = answerOf(turn?.value, run);
  if (by !== undefined) return { do: 'be answered', by };
  await turns.save(run.environment, { ...turn?.value, run: run.run, stepped }, turn);
  return { do: 'go' };
}

/** Two clocks. */
const SKEW_MILLISECONDS = 10_000;

/** Many changes of one deployment are told one by one; a run that began after them all has seen them all. Pure. */
export function answerOf(turn: ProvisionTurn | undefined, run: ProvisionRun) {
  const last = turn?.last;
  if (last?.began === undefined || last.state === 'failed') return undefined;
  if (last.service !== undefined && last.service !== run.service) return undefined;
  if (Date.parse(last.began) - SKEW_MILLISECONDS <= Date.parse(run.asked)) return undefined;
  const { state, because, began, run: answeredBy } = last;
  return { state, began, answeredBy, ...(because !== undefined && { because }) };
}
