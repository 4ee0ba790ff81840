import { expect, it } from 'vitest';
import { runCase } from '../simulation/asl/run-case.ts';
import type { Tokens } from '../simulation/asl/tokens.ts';
import { machine, waits } from './case.ts';

/** What each answer to the one token was told, so many seconds after it was given out: that somebody waited, or nobody. */
async function told(
  timeoutSeconds: number,
  answers: readonly (readonly [number, (tokens: Tokens, token: string) => boolean])[],
): Promise<readonly boolean[]> {
  const heard: boolean[] = [];
  let given = (_: string) => {};
  await runCase(
    machine({ Wait: waits({}, { TimeoutSeconds: timeoutSeconds }) }),
    {},
    {
      invoke: async (_, payload) => given((payload as { token: string }).token),
      onExecution: (_, tokens, loop) => {
        given = (token) => {
          for (const [seconds, answer] of answers)
            loop.spawn(async () => {
              await loop.sleep(seconds * 1_000);
              heard.push(answer(tokens, token));
            });
        };
      },
    },
  );
  return heard;
}

const succeed = (tokens: Tokens, token: string) => tokens.succeed(token, {});
const fail = (tokens: Tokens, token: string) => tokens.fail(token, 'E', 'too late');
const beat = (tokens: Tokens, token: string) => tokens.heartbeat(token);

// Step Functions guide, “API reference, SendTaskSuccess”: TaskTimedOut, “the task token has either expired or the task
// associated with the token has already been closed”.
it.each([
  ['a second success', [succeed, succeed]],
  ['a failure after a success', [succeed, fail]],
  ['a heartbeat after a success', [succeed, beat]],
  ['a success after a failure', [fail, succeed]],
])('tells %s that nobody waits any more', async (_, [first, second]) => {
  const answers = [[1, first ?? succeed] as const, [2, second ?? succeed] as const];

  expect(await told(10, answers)).toEqual([true, false]);
});

it('tells an answer after the time limit that nobody waits any more', async () => {
  expect(await told(10, [[11, succeed]])).toEqual([false]);
});

it('tells an answer to a token that never was the same', async () => {
  expect(await told(10, [[1, (tokens) => tokens.succeed('no token', {})]])).toEqual([false]);
});
