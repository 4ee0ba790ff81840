import type { Choice, Fail, Pass, Succeed, Task, Wait } from './definition.ts';
import { StatesError } from './errors.ts';
import type { Outcome, Scene } from './interpreter.ts';
import { persist } from './persist.ts';
import { callTask } from './task.ts';

/** Every state but those that fan out. */
export function runState(
  scene: Scene,
  state: Task | Pass | Wait | Choice | Succeed | Fail,
): Promise<Outcome> {
  switch (state.Type) {
    case 'Task':
      return persist(scene, state, async () => {
        const result = await callTask(scene, state);
        return scene.leave(state, result, state.Next, { result });
      });
    case 'Pass':
      return scene.leave(state, scene.input, state.Next);
    case 'Wait':
      return wait(scene, state);
    case 'Choice':
      return choose(scene, state);
    case 'Succeed':
      return scene.leave(state, scene.input, undefined);
    case 'Fail':
      return fail(scene, state);
  }
}

/** RFC 3339 with an upper-case T and Z (states-language.net, "Timestamps"). */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

async function wait(scene: Scene, state: Wait): Promise<Outcome> {
  const { loop } = scene.platform;
  if (state.Seconds !== undefined) await scene.sleep((await seconds(scene, state.Seconds)) * 1_000);
  else {
    const moment = await scene.evaluate(state.Timestamp);
    const at = typeof moment === 'string' && MOMENT.test(moment) ? Date.parse(moment) : Number.NaN;
    if (Number.isNaN(at))
      throw new StatesError(
        'States.QueryEvaluationError',
        `The Timestamp ${JSON.stringify(moment)} is no moment in ISO 8601 with its zone.`,
      );
    await scene.sleep(at - loop.now());
  }
  return scene.leave(state, scene.input, state.Next);
}

/** A number of seconds as a field gives it. @throws StatesError */
export async function seconds(scene: Scene, field: unknown): Promise<number> {
  const value = await scene.evaluate(field);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new StatesError(
    'States.QueryEvaluationError',
    `${JSON.stringify(value)} is no number of seconds`,
  );
}

async function choose(scene: Scene, state: Choice): Promise<Outcome> {
  for (const rule of state.Choices) {
    const holds = await scene.evaluate(rule.Condition);
    if (typeof holds !== 'boolean')
      throw new StatesError(
        'States.QueryEvaluationError',
        `The condition '${rule.Condition}' came to ${JSON.stringify(holds)}, not to true or false.`,
      );
    if (holds) return scene.leave(rule, scene.input, rule.Next);
  }
  if (state.Default === undefined)
    throw new StatesError('States.NoChoiceMatched', `No rule of ${scene.name} matched.`);
  return scene.leave(state, scene.input, state.Default);
}

async function fail(scene: Scene, { Error: error = '', Cause: cause = '' }: Fail): Promise<never> {
  throw new StatesError(await text(scene, error), await text(scene, cause));
}

/** @throws StatesError where it comes to anything else */
async function text(scene: Scene, field: string): Promise<string> {
  const value = await scene.evaluate(field);
  if (typeof value === 'string') return value;
  throw new StatesError(
    'States.QueryEvaluationError',
    `The field '${field}' came to ${JSON.stringify(value)}, not to a string.`,
  );
}
