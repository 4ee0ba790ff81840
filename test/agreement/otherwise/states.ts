import jsonata from 'jsonata';
import type { StateJson } from '../case.ts';
import {
  assigns,
  expressionsIn,
  failed,
  gave,
  type Otherwise,
  ownFields,
  took,
} from './otherwise.ts';

const COMPARES = ['=', '!=', '<', '<=', '>', '>=', 'in', 'and', 'or'];
const TELLS = ['exists', 'not', 'boolean', 'contains'];

/** Whether an expression is true or false whatever it reads: a comparison, or a function that tells. */
function isBoolean(condition: unknown): boolean {
  if (typeof condition !== 'string') return typeof condition === 'boolean';
  const node = jsonata(condition.slice(2, -2)).ast();
  if (node.type === 'binary') return COMPARES.includes(String(node.value));
  return node.type === 'function' && TELLS.includes(String(node.procedure?.value));
}

/** Whether an Assign reads what it assigns. */
const readsItself = (assign: Readonly<Record<string, unknown>>) =>
  expressionsIn(assign).some((text) =>
    Object.keys(assign).some((name) => new RegExp(`\\$${name}\\b`).test(text)),
  );

const says = (state: StateJson, pattern: RegExp) =>
  expressionsIn(ownFields(state)).some((text) => pattern.test(text));

/** Of states that do not fan out. */
export const ofStates: readonly Otherwise[] = [
  {
    construct: 'Succeed with Output',
    does: 'ends with the state’s input, the Output unread',
    inState: ({ Type, Output }) => Type === 'Succeed' && Output !== undefined,
    observed: {
      'Pass, and where expressions are read': {
        'the guide’s own example of input and output': gave({
          customer: { firstName: 'Martha', lastName: 'Rivera' },
          order: { items: 7, total: 27.91 },
        }),
      },
      'Map, inline: errors and variables': {
        'the language’s own example of scopes': gave([1]),
        'Succeed ends its item alone': gave([1, 'even', 3]),
      },
      Parallel: { 'Succeed ends its branch alone': gave(['in', [1, 'in']]) },
    },
  },
  {
    construct: 'A Choice’s own Output',
    does: 'hands on the input when it takes the Default',
    inState: ({ Type, Output }) => Type === 'Choice' && Output !== undefined,
    observed: {
      Choice: {
        'evaluates the state’s own Output when it takes the Default': gave({
          state: 'Two',
          way: 'none',
          input: { n: 3 },
        }),
      },
    },
  },
  {
    construct: 'Conditions that are not true or false',
    does: 'takes the rule where JSONata would call the value true',
    inState: ({ Choices = [] }) =>
      (Choices as StateJson[]).some(({ Condition }) => !isBoolean(Condition)),
    observed: {
      Choice: {
        'fails when a condition comes to a string': gave({ state: 'One', way: 'none', input: {} }),
      },
    },
  },
  {
    construct: 'What a function’s result has beside its payload',
    does: 'has StatusCode and Payload alone',
    inState: (state) => state.Type === 'Task' && says(state, /\$states\.result(?!\.Payload\b)/),
    observed: {
      Task: {
        'the result says which version of the function ran': failed('States.QueryEvaluationError'),
      },
    },
  },
  {
    construct: 'An Assign that reads what it assigns',
    does: 'assigns one variable after the other, each seeing those before it',
    inState: (state) => assigns(state).some(readsItself),
    observed: {
      Assign: {
        'sees the values as they were on entry: the language’s example of x and newOrOld': gave([
          42, 42,
        ]),
        'assigns all at once, whatever the order: the guide’s example of x and nextX': gave([6, 6]),
        'fails so wherever in the order that is': gave({}),
      },
    },
  },
  {
    construct: 'An Assign that fails in part',
    does: 'keeps the variables before the one that failed',
    because: 'whoever catches it in our machines reads only what the catcher itself assigns',
    observed: {
      Task: { 'an expression in Assign that fails is caught, and assigns nothing': gave('new') },
    },
  },
  {
    construct: 'TimeoutSeconds by expression',
    does: 'fails with States.Runtime at once',
    inState: ({ TimeoutSeconds }) => typeof TimeoutSeconds === 'string',
    observed: {
      Timeouts: {
        'takes TimeoutSeconds by expression': failed('States.Runtime'),
        'fails when TimeoutSeconds comes to a string': failed('States.Runtime'),
        'fails when TimeoutSeconds comes to a negative number': failed('States.Runtime'),
      },
    },
  },
  {
    construct: 'HeartbeatSeconds',
    does: 'waits on without heartbeats',
    inState: ({ HeartbeatSeconds }) => HeartbeatSeconds !== undefined,
    observed: { 'Task tokens': { 'fails when no heartbeat comes': failed('States.Timeout') } },
  },
  {
    construct: 'MaxDelaySeconds and JitterStrategy',
    does: 'waits the whole interval, at most 60 seconds',
    because:
      'how long a try is put off is no matter to what comes of it; the simulation keeps both',
    observed: { Retry: { 'MaxDelaySeconds caps the wait': took(6, { calls: 3 }) } },
  },
  {
    construct: 'Timestamps of Wait',
    does: 'goes on from a date without a time or a zone',
    inState: ({ Type, Timestamp }) => Type === 'Wait' && Timestamp !== undefined,
    observed: {
      Wait: {
        'fails on a date without a time': gave({ at: '2016-03-14' }),
        'fails on a moment without a zone': gave({ at: '2016-03-14T01:59:00' }),
      },
    },
  },
  {
    construct: 'TimeoutSeconds of the machine',
    does: 'never ends an execution for its length',
    inMachine: ({ TimeoutSeconds }) => TimeoutSeconds !== undefined,
    observed: {
      Wait: {
        'an execution that takes longer than the machine’s TimeoutSeconds is over': gave({}),
      },
    },
  },
  {
    construct: '$eval',
    does: 'evaluates what it is given',
    inState: (state) => says(state, /\$eval\b/),
    observed: { 'Functions of Step Functions': { '$eval is not supported': gave(2) } },
  },
  {
    construct: 'Expressions that come to a function',
    does: 'fails with States.Runtime, which nothing catches',
    inState: (state) => says(state, /^\{%\s*function\b/),
    observed: {
      'Errors of expressions': {
        'an expression that comes to a function is no output': failed('States.Runtime'),
      },
    },
  },
  {
    construct: 'Execution.RoleArn of the context object',
    does: 'has none',
    inState: (state) => says(state, /\bRoleArn\b/),
    observed: {
      'Context object': {
        'Execution.RoleArn names the role of the machine': failed('States.QueryEvaluationError'),
      },
    },
  },
];
