import type { Task } from './definition.ts';
import { StatesError } from './errors.ts';
import type { Scene } from './interpreter.ts';
import { LIMITS, limited } from './limits.ts';
import { seconds } from './states.ts';

/** One try of a task: calls its function, and where it waits for a token, waits for the answer. */
export async function callTask(scene: Scene, task: Task): Promise<unknown> {
  const { execution, platform } = scene;
  const waits = task.Resource.endsWith('.waitForTaskToken');
  const waiting = waits ? platform.tokens.make(execution.name) : undefined;
  const context = waiting && { Task: { Token: waiting.token } };
  try {
    const { FunctionName, Payload } = (await scene.evaluate(task.Arguments, {}, context)) as {
      FunctionName: string;
      Payload?: unknown;
    };
    limited(Payload, 'payload');
    const patience = await seconds(scene, task.TimeoutSeconds ?? LIMITS.taskSeconds);
    execution.record('TaskScheduled', scene.name);
    execution.record('TaskStarted', scene.name);
    const call = { execution: execution.name, state: scene.name, attempt: scene.retries };
    const called = platform
      .invoke(FunctionName, structuredClone(Payload ?? {}), call)
      .then((result) => ({ ExecutedVersion: '$LATEST', Payload: result ?? null, StatusCode: 200 }));
    const done = waiting ? answered(scene, called, waiting.answer) : called;
    const limit = timeLimit(scene, patience);
    const races: Promise<unknown>[] = [done, limit.reached];
    if (waiting && task.HeartbeatSeconds !== undefined) {
      const sleep = (milliseconds: number) => platform.loop.sleep(milliseconds);
      const silence = await seconds(scene, task.HeartbeatSeconds);
      races.push(platform.tokens.silence(waiting.token, silence, sleep));
    }
    const first = Promise.race(races).finally(limit.callOff);
    const result = limited(await scene.branch.alive(first), 'result');
    execution.record('TaskSucceeded', scene.name);
    return result;
  } catch (error) {
    if (error instanceof StatesError && error.name !== 'States.QueryEvaluationError')
      execution.record(/Timeout$/.test(error.name) ? 'TaskTimedOut' : 'TaskFailed', scene.name);
    throw error;
  } finally {
    if (waiting) platform.tokens.forget(waiting.token);
  }
}

/** The call must succeed; its own result is not heard, the token's answer is. An answer may come before the call is done. */
async function answered(
  scene: Scene,
  called: Promise<unknown>,
  answer: Promise<unknown>,
): Promise<unknown> {
  const failed = called.then(() => scene.execution.record('TaskSubmitted', scene.name));
  return Promise.race([answer, failed.then(() => answer)]);
}

function timeLimit({ platform }: Scene, patience: number) {
  let ring: (error: StatesError) => void = () => {};
  const reached = new Promise<never>((_, reject) => {
    ring = reject;
  });
  const late = () => ring(new StatesError('States.Timeout', ''));
  return { reached, callOff: platform.loop.alarm(patience * 1_000, late) };
}
