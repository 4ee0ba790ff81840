import { StatesError } from '../simulation/asl/errors.ts';
import { runCase } from '../simulation/asl/run-case.ts';
import type { Tokens } from '../simulation/asl/tokens.ts';
import type { Loop } from '../simulation/loop.ts';
import type { Case } from './case.ts';
import { filledIn, type Seen } from './judge.ts';
import { type Answer, type Place, perform, type Told } from './script.ts';

const NAME = 'agreement';
/** Longer than any case takes. */
const PATIENCE_SECONDS = 600;

/** A case through our interpreter, in virtual time. */
export async function runInProcess(one: Case): Promise<Seen> {
  const { definition, input } = filledIn(one, NAME, 'run');
  const counts = new Map<string, number>();
  let place: Place | undefined;
  try {
    const run = await runCase(definition, input, {
      maxVirtualSeconds: PATIENCE_SECONDS,
      ...(one.named !== undefined && { name: one.named }),
      invoke: async (name, payload) => {
        if (name !== NAME)
          throw new StatesError('Lambda.ResourceNotFoundException', `${name} does not exist`);
        if (place === undefined) throw new Error('nothing runs');
        return await performed(payload as Told, place);
      },
      onExecution: (execution, tokens, loop) => {
        place = placeOf(counts, tokens, loop);
        const { stop } = one;
        if (stop !== undefined)
          loop.spawn(async () => {
            await loop.sleep(1_000);
            execution.stop(stop.error, stop.cause);
          });
      },
    });
    const { status, error, cause, states, milliseconds } = run;
    const seen = { status, error, cause, states, seconds: milliseconds / 1_000 };
    return status === 'SUCCEEDED' ? { ...seen, output: run.output } : seen;
  } catch (error) {
    return { status: 'REFUSED', cause: String(error), states: [], seconds: 0 };
  }
}

/** What the function does, its errors as Lambda reports them: the name, and the rest as JSON. */
async function performed(told: Told, place: Place): Promise<unknown> {
  try {
    return await perform(told, place);
  } catch (error) {
    const { name, message } = error as Error;
    throw new StatesError(name, JSON.stringify({ errorType: name, errorMessage: message }));
  }
}

function placeOf(counts: Map<string, number>, tokens: Tokens, loop: Loop): Place {
  return {
    count: (key) => {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return count;
    },
    hang: (seconds) => loop.sleep(seconds * 1_000),
    answer: (token, answers) => loop.spawn(() => answerAll(token, answers, tokens, loop)),
  };
}

async function answerAll(token: string, answers: readonly Answer[], tokens: Tokens, loop: Loop) {
  for (const answer of answers) {
    if ('pause' in answer) await loop.sleep(answer.pause * 1_000);
    else await loop.turn();
    if ('succeed' in answer) tokens.succeed(token, answer.succeed);
    if ('fail' in answer) tokens.fail(token, answer.fail.error, answer.fail.cause);
    if ('heartbeat' in answer) tokens.heartbeat(token);
  }
}
