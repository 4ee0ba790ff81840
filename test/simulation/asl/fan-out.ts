import { Branch } from './branch.ts';
import type { MapState, Parallel } from './definition.ts';
import { StatesError } from './errors.ts';
import { Execution, type Outcome, type Scene } from './interpreter.ts';
import { LIMITS, limited } from './limits.ts';
import { persist } from './persist.ts';
import { seconds } from './states.ts';

interface Item {
  readonly input: unknown;
  readonly context: Readonly<Record<string, unknown>>;
}

export function runParallel(scene: Scene, state: Parallel): Promise<Outcome> {
  return persist(scene, state, async () => {
    const input = 'Arguments' in state ? await scene.evaluate(state.Arguments) : scene.input;
    scene.execution.record('ParallelStateStarted', scene.name);
    const result = await together(scene, state.Branches, state.Branches.length, (states, branch) =>
      scene.execution.runStates(states, structuredClone(input), branch),
    );
    scene.execution.record('ParallelStateSucceeded', scene.name);
    return scene.leave(state, limited(result, 'result'), state.Next, { result });
  });
}

export function runMap(scene: Scene, state: MapState): Promise<Outcome> {
  return persist(scene, state, async () => {
    const items = await itemsOf(scene, state);
    const distributed = state.ItemProcessor.ProcessorConfig.Mode === 'DISTRIBUTED';
    const asked = await seconds(scene, state.MaxConcurrency ?? 0);
    const most = distributed ? LIMITS.distributedConcurrency : LIMITS.inlineConcurrency;
    const width = Math.min(asked === 0 ? most : asked, most);
    scene.execution.record('MapStateStarted', scene.name);
    const result = distributed
      ? await inChildren(scene, state, await batched(scene, state, items), width)
      : await together(scene, items, width, async ({ input }, branch, at) => {
          scene.execution.record('MapIterationStarted', scene.name);
          const output = await scene.execution.runStates(state.ItemProcessor, input, branch);
          scene.execution.record('MapIterationSucceeded', `${scene.name} ${at}`);
          return output;
        });
    scene.execution.record('MapStateSucceeded', scene.name);
    return scene.leave(state, limited(result, 'result'), state.Next, { result });
  });
}

/** What each iteration gets ("Items", "ItemSelector"). */
async function itemsOf(scene: Scene, state: MapState): Promise<Item[]> {
  const found = state.ItemReader
    ? scene.platform.readItems?.(state.ItemReader.Arguments.Bucket, state.ItemReader.Arguments.Key)
    : state.Items === undefined
      ? scene.input
      : await scene.evaluate(state.Items);
  const entries = Array.isArray(found)
    ? found.map((Value, Index) => ({ Index, Value }))
    : typeof found === 'object' && found !== null
      ? Object.entries(found).map(([Key, Value], Index) => ({ Index, Key, Value }))
      : undefined;
  if (entries === undefined)
    throw new StatesError(
      'States.QueryEvaluationError',
      `${scene.name} has no items: ${JSON.stringify(found)} is neither an array nor an object.`,
    );
  const items: Item[] = [];
  for (const item of entries) {
    const context = { Map: { Item: item } };
    const input =
      'ItemSelector' in state
        ? await scene.evaluate(state.ItemSelector, {}, context)
        : 'Key' in item
          ? { Key: item.Key, Value: item.Value }
          : item.Value;
    items.push({ input, context });
  }
  return items;
}

/** "ItemBatcher": each child gets an array of items under `Items`. */
async function batched(scene: Scene, { ItemBatcher }: MapState, items: Item[]): Promise<Item[]> {
  if (ItemBatcher === undefined) return items;
  const size = Math.max(1, await seconds(scene, ItemBatcher.MaxItemsPerBatch));
  const BatchInput =
    'BatchInput' in ItemBatcher ? await scene.evaluate(ItemBatcher.BatchInput) : undefined;
  const batches: Item[] = [];
  for (let at = 0; at < items.length; at += size) {
    const Items = items.slice(at, at + size).map(({ input }) => input);
    batches.push({
      input: { Items, ...(BatchInput !== undefined && { BatchInput }) },
      context: {},
    });
  }
  return batches;
}

/** A distributed map: every item an execution of its own, that sees no variables from outside ("Variable scope"). */
async function inChildren(
  scene: Scene,
  state: MapState,
  items: readonly Item[],
  width: number,
): Promise<unknown[]> {
  const { execution } = scene;
  const share = await seconds(scene, state.ToleratedFailurePercentage ?? 0);
  const count = await seconds(scene, state.ToleratedFailureCount ?? 0);
  // "The Map State will fail if either threshold is breached": the default of 0 is none where the other is set.
  const limits = [
    ...(state.ToleratedFailurePercentage === undefined ? [] : [(items.length * share) / 100]),
    ...(state.ToleratedFailureCount === undefined ? [] : [count]),
  ];
  const tolerated = limits.length === 0 ? 0 : Math.min(...limits);
  let failed = 0;
  const machine = {
    name: `${execution.machine.name}/${state.Label ?? scene.name}`,
    definition: state.ItemProcessor,
  };
  const outputs = await together(scene, items, width, async ({ input }, branch, at) => {
    const name = `${execution.name}.${at}`.slice(-LIMITS.nameLength);
    const child = new Execution(scene.platform, machine, name, limited(input, 'input'));
    await branch.alive(child.ended);
    if (child.status === 'SUCCEEDED') return { output: child.output };
    failed += 1;
    if (failed > tolerated)
      throw new StatesError(
        'States.ExceedToleratedFailureThreshold',
        `The specified tolerated failure threshold was exceeded: ${failed} of ${items.length}.`,
      );
    return undefined;
  });
  return outputs.flatMap((done) => (done === undefined ? [] : [done.output]));
}

/** So many at once, results in the order of the items; the first that fails stops the others. */
async function together<T, R>(
  scene: Scene,
  items: readonly T[],
  width: number,
  work: (item: T, branch: Branch, at: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const branches: Branch[] = [];
  let taken = 0;
  const lane = async () => {
    while (taken < items.length) {
      const at = taken;
      taken += 1;
      const branch = new Branch(scene.branch);
      branches.push(branch);
      results[at] = await work(items[at] as T, branch, at);
    }
  };
  try {
    const lanes = Array.from({ length: Math.min(width, items.length) }, lane);
    await scene.branch.alive(Promise.all(lanes));
    return results;
  } catch (error) {
    for (const branch of branches) branch.stop();
    taken = items.length;
    throw error;
  }
}
