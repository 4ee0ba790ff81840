import { describe, expect, it, vi } from 'vitest';
import { OUTLIVES_MILLISECONDS } from '../../lambdas/sweep/mend-line.ts';
import { FUNCTIONS } from '../simulation/world/functions.ts';
import { fileOf } from '../simulation/world/lambda.ts';
import { MACHINES } from '../simulation/world/machines.ts';
import { resources, synthesise } from './forge.ts';

vi.setConfig({ testTimeout: 60_000 });

const { tools } = synthesise();
const limits = new Map(
  [...resources(tools, 'AWS::Lambda::Function').values()].map(({ Properties }) => [
    String(Properties.FunctionName).replace(/^conveyor-/, ''),
    Number(Properties.Timeout),
  ]),
);
const limitOf = (name: string) => limits.get(name) ?? Number.NaN;

describe('how long a function may run', () => {
  // The worker is Cloudflare's to stop.
  const ours = Object.entries(FUNCTIONS).filter(([name]) => name !== 'r2-worker');
  it.each(ours)('is the same in the simulation: %s', (name, { seconds }) => {
    expect(seconds).toBe(limitOf(name.replace(/\..*/, '')));
  });

  it.each(
    Object.values(MACHINES).flatMap(({ definition }) =>
      Object.entries(definition.States).flatMap(([name, state]) =>
        state.Type === 'Task' && !state.Resource.endsWith('.waitForTaskToken')
          ? [[name, state] as const]
          : [],
      ),
    ),
  )('is over before its machine stops waiting for it: %s', (_, state) => {
    const called = fileOf(state.Arguments.FunctionName);

    expect(Number(state.TimeoutSeconds)).toBeGreaterThanOrEqual(limitOf(called));
  });

  it.each([
    ['update-ledger', MACHINES.promote],
    ['deploy-hosts', MACHINES.promote],
    ['provision', MACHINES.provision],
  ])('is over before anybody else is let go, where its call was lost: %s', (name, machine) => {
    const { States } = machine.definition;
    const wait = States['Let it end'];
    const states = Object.values(States).flatMap((state) =>
      state.Type === 'Task' &&
      state.Catch.length > 0 &&
      fileOf(state.Arguments.FunctionName) === name
        ? [state]
        : [],
    );

    expect(wait).toMatchObject({ Type: 'Wait' });
    expect(Number((wait as { Seconds?: unknown }).Seconds)).toBeGreaterThanOrEqual(limitOf(name));
    expect(states.length).toBeGreaterThan(0);
    for (const { Catch } of states)
      expect(Catch).toContainEqual(
        expect.objectContaining({
          ErrorEquals: expect.arrayContaining(['Lambda.SdkClientException', 'Lambda.Unknown']),
          Next: 'Let it end',
        }),
      );
  });

  it('is over before the sweep gives a stopped promotion up', () => {
    const { copying = 0, landing = 0 } = OUTLIVES_MILLISECONDS;

    expect(copying).toBeGreaterThanOrEqual(limitOf('copy-image') * 1_000);
    expect(copying).toBeGreaterThanOrEqual(limitOf('verify-image') * 1_000);
    expect(landing).toBeGreaterThanOrEqual(limitOf('update-ledger') * 1_000);
    expect(landing).toBeGreaterThanOrEqual(limitOf('deploy-hosts') * 1_000);
  });
});
