import validate from 'asl-validator';
import { describe, expect, it } from 'vitest';
import * as errors from '../../lambdas/domain/errors.ts';
import { otherwise } from '../agreement/otherwise/index.ts';
import { parseDefinition } from '../simulation/asl/definition.ts';
import { sources } from '../sources.ts';
import { definitions, everyState, nextOf, type State, scopes } from './definitions.ts';

type ErrorClass = new (message: string) => { readonly retryable: boolean };
const { ConveyorError: _, ...concrete } = errors;
const classes = Object.entries(concrete) as [string, ErrorClass][];
const thrown = sources('lambdas')
  .map(({ text }) => text)
  .join('\n');
const retryable = classes
  .filter(([name, Class]) => new Class('').retryable && thrown.includes(`new ${name}(`))
  .map(([name]) => name);
/** What AWS itself says is worth another try (Step Functions guide, "Handle transient Lambda service exceptions"). */
const TRANSIENT = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];

/** The one state that ends what went wrong: nothing is left to catch it but the alarm on failed executions. */
const RECORDS = 'Record failure';
/** Where failing the whole execution is right: nothing has begun, and the alarm and the next schedule follow. */
const MAY_FAIL = ['Plan sweep'];

/** `docs/reference/agreement.md` lists them all, and why some need not be kept out. */
const kept = otherwise
  .filter(({ because }) => because === undefined)
  .map((one) => [one.construct, one] as const);

const tasks = (states: ReturnType<typeof everyState>) =>
  states.filter(([, { Type }]) => Type === 'Task');
const errorsOf = (rules: State['Retry'] | State['Catch'] = []) =>
  rules.flatMap(({ ErrorEquals }) => ErrorEquals);

describe.each(definitions.map((definition) => [definition.name, definition] as const))(
  '%s',
  (_, definition) => {
    const states = everyState(definition);

    it('is valid ASL in JSONata', () => {
      const { name, ...asl } = definition;

      const { isValid, errorsText } = validate(structuredClone(asl));

      expect(errorsText('\n')).toBe('');
      expect(isValid, name).toBe(true);
      expect(definition.QueryLanguage).toBe('JSONata');
    });

    it('gives every task a time limit, another try, and a way on when all has failed', () => {
      for (const [name, state] of tasks(states)) {
        expect(state.TimeoutSeconds, name).toBeTypeOf('number');
        expect(state.Retry?.length, name).toBeGreaterThan(0);
        if (name === RECORDS) {
          expect(errorsOf(state.Retry)).toEqual(['States.ALL']);
          expect(state.Catch).toBeUndefined();
        } else if (!MAY_FAIL.includes(name))
          expect(errorsOf(state.Catch), name).toContain('States.ALL');
      }
    });

    it('tries again exactly what is worth it', () => {
      for (const [name, { Retry }] of tasks(states)) {
        if (name === RECORDS) continue;
        const tried = errorsOf(Retry);
        expect(tried, name).toEqual(expect.arrayContaining([...retryable, ...TRANSIENT]));
        for (const [error, Class] of classes)
          if (!new Class('').retryable) expect(tried, name).not.toContain(error);
        expect(tried, name).not.toContain('States.ALL');
      }
    });

    it('catches by names that somebody throws', () => {
      const named = states.flatMap(([, { Retry, Catch }]) => [
        ...errorsOf(Retry),
        ...errorsOf(Catch),
      ]);
      const unknown = named.filter(
        (error) =>
          !/^(States|Lambda|Runtime|Sandbox)\./.test(error) &&
          !classes.some(([name]) => name === error),
      );

      expect(unknown).toEqual([]);
    });

    it('has no state that nothing leads to, and none that leads nowhere', () => {
      for (const scope of scopes(definition)) {
        const reached = new Set<string>();
        const visit = (name: string) => {
          if (reached.has(name)) return;
          reached.add(name);
          const state = scope.States[name];
          if (state === undefined) throw new Error(`${name} does not exist`);
          nextOf(state).forEach(visit);
        };
        visit(scope.StartAt);

        expect([...reached].sort()).toEqual(Object.keys(scope.States).sort());
      }
    });

    it.each(kept)('goes without what the emulator does otherwise than AWS: %s', (_, one) => {
      const uses = states.filter(([, state]) => one.inState?.({ ...state }) === true);

      expect(uses.map(([name]) => name)).toEqual([]);
      expect(one.inMachine?.(definition) ?? false).toBe(false);
    });

    it('gives no task credentials: the emulator would take no notice of them', () => {
      for (const [name, state] of states) expect(state, name).not.toHaveProperty('Credentials');
    });

    it('is taken by the interpreter of the simulation, which refuses what AWS does', () => {
      const { name: _, ...asl } = definition;

      expect(() => parseDefinition(asl)).not.toThrow();
    });

    it('calls functions alone, and hands a task token to none but the one it waits for', () => {
      for (const [name, state] of states) {
        if (state.Type === 'Task')
          expect(state.Resource, name).toMatch(
            /^arn:aws:states:::lambda:invoke(\.waitForTaskToken)?$/,
          );
        const waits = state.Resource?.endsWith('.waitForTaskToken') === true;
        const { Arguments, ItemProcessor, ...others } = state;
        expect(JSON.stringify(others), name).not.toContain('Task.Token');
        expect(JSON.stringify(Arguments ?? {}).includes('Task.Token'), name).toBe(waits);
      }
    });

    it('passes on nothing but what names the work: a function’s payload stays behind', () => {
      for (const [name, state] of tasks(states)) expect(state, name).toHaveProperty('Output');
    });
  },
);

it('knows the retryable errors by their classes', () => {
  expect(retryable).toEqual(
    expect.arrayContaining([
      'Unavailable',
      'RegistryUnavailable',
      'LedgerUnavailable',
      'LedgerContended',
    ]),
  );
});
