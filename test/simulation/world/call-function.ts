import { StatesError } from '../asl/errors.ts';
import type { Call } from '../asl/platform.ts';
import { seeded } from '../random.ts';
import { FUNCTIONS, type Run } from './functions.ts';
import { asStatesError, subjectOf } from './lambda.ts';
import { outsideOf } from './outside.ts';
import { bindPorts } from './ports.ts';
import { machineClock, Process } from './process.ts';
import type { World } from './world.ts';

/** Runs a function once, in a process of its own. @throws StatesError as Step Functions would be told */
export async function callFunction(
  world: World,
  id: number,
  name: string,
  payload: unknown,
  call?: Call,
): Promise<unknown> {
  const fn = FUNCTIONS[name];
  if (fn === undefined) throw new Error(`there is no function ${name}`);
  const { loop, options, random } = world;
  const near = options.skew ? random.below(2 * options.skew) - options.skew : 0;
  const skew = name === 'r2-worker' ? near + world.r2.workerSkew : near;
  const seed = Math.floor(random.next() * 2 ** 32);
  const sleep = (milliseconds: number) => process.alive(loop.sleep(milliseconds));
  const clock = machineClock(loop, seeded(seed), skew, sleep);
  const process: Process = new Process(id, name, subjectOf(payload), loop, clock);
  const ports = bindPorts(outsideOf(world, process), clock, (work) => loop.elsewhere(work));
  const remaining = () => process.startedAt + fn.seconds * 1_000 - loop.now();
  const honest: Run = { ports, config: world.configSeen(), remaining };
  const run = options.sabotage?.(honest, process) ?? honest;
  world.say(`${call?.execution ?? 'somebody'} calls ${name}#${process.id}`);
  try {
    const result = await process.run(fn.seconds, async () => {
      await process.alive(loop.turn());
      return fn.run(run, payload);
    });
    if ((world.wire.outages.get('lambda') ?? 0) > loop.now())
      throw new StatesError('Lambda.SdkClientException', 'the reply was lost');
    return JSON.parse(JSON.stringify(result ?? null));
  } catch (error) {
    throw asStatesError(error);
  }
}
