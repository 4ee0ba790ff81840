import {
  ends,
  guide,
  language,
  machine,
  passes,
  RUN,
  type StateJson,
  type Subject,
  waits,
} from '../case.ts';
import type { Answer } from '../script.ts';

const CALLBACK = guide('Wait for a Callback with Task Token');
const SEND = guide('API reference, SendTaskSuccess');
const TIMEOUTS = language('Timeouts');
const NAMES = guide('Handling errors in Step Functions workflows › Error names');

const asks = (answers: readonly Answer[], more: StateJson = {}) =>
  machine({
    Wait: waits({ do: 'answer', with: answers }, { Next: 'Done', ...more }),
    Done: ends(),
    Caught: ends({ Output: '{% ["caught", $states.input.Error] %}' }),
  });
const caught = (...ErrorEquals: string[]) => ({ Catch: [{ ErrorEquals, Next: 'Caught' }] });

export const token: Subject = {
  subject: 'Task tokens',
  cases: [
    {
      name: 'the answer’s output is the task’s result, not what the function returned',
      source: CALLBACK,
      definition: asks([{ succeed: { answer: 42 } }]),
      expect: { status: 'SUCCEEDED', output: { answer: 42 }, states: ['Wait', 'Done'] },
    },
    {
      name: 'an answer may be any JSON: null',
      source: SEND,
      definition: asks([{ succeed: null }]),
      expect: { status: 'SUCCEEDED', output: null },
    },
    {
      name: 'waits until the answer comes',
      source: CALLBACK,
      definition: asks([{ pause: 2 }, { succeed: 'late' }]),
      expect: { status: 'SUCCEEDED', output: 'late', lasts: { from: 2, below: 2.1 } },
    },
    {
      name: 'Output without $states.result leaves the answer behind, as the promote machine does',
      source: language('Using Arguments and Output'),
      definition: asks([{ succeed: { decides: 'nothing' } }], { Output: '{% $states.input %}' }),
      input: { ref: 1 },
      expect: { status: 'SUCCEEDED', output: { ref: 1 } },
    },
    {
      name: 'a failure is the task’s error with its cause',
      source: guide('API reference, SendTaskFailure'),
      definition: asks([{ fail: { error: 'Rejected', cause: 'by li' } }]),
      expect: { status: 'FAILED', error: 'Rejected', causeContains: 'by li' },
    },
    {
      name: 'a failure can be caught by its name',
      source: guide('API reference, SendTaskFailure'),
      definition: asks([{ fail: { error: 'Rejected', cause: 'by li' } }], caught('Rejected')),
      expect: { status: 'SUCCEEDED', output: ['caught', 'Rejected'] },
    },
    {
      name: 'a failure can be tried again, which asks again',
      source: language('Retrying after error'),
      definition: machine({
        Wait: waits(
          {
            do: 'answer by turns',
            key: RUN,
            turns: [[{ fail: { error: 'E', cause: 'first' } }], [{ succeed: 'second' }]],
          },
          { Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 1 }] },
        ),
      }),
      expect: { status: 'SUCCEEDED', output: 'second' },
    },
    {
      name: 'the first answer holds, a second one finds nobody',
      source: SEND,
      definition: asks([{ succeed: 'first' }, { pause: 0.5 }, { succeed: 'second' }]),
      expect: { status: 'SUCCEEDED', output: 'first' },
    },
    {
      name: 'a failure after a success changes nothing',
      source: SEND,
      definition: asks([
        { succeed: 'first' },
        { pause: 0.5 },
        { fail: { error: 'E', cause: 'late' } },
      ]),
      expect: { status: 'SUCCEEDED', output: 'first' },
    },
    {
      name: 'waits no longer than TimeoutSeconds',
      source: TIMEOUTS,
      definition: asks([], { TimeoutSeconds: 1, ...caught('States.Timeout') }),
      expect: {
        status: 'SUCCEEDED',
        output: ['caught', 'States.Timeout'],
        lasts: { from: 1, below: 1.1 },
      },
    },
    {
      name: 'fails when no heartbeat comes',
      source: NAMES,
      definition: asks([], {
        TimeoutSeconds: 4,
        HeartbeatSeconds: 1,
        ...caught('States.HeartbeatTimeout'),
      }),
      expect: {
        status: 'SUCCEEDED',
        output: ['caught', 'States.HeartbeatTimeout'],
        lasts: { from: 1, below: 1.1 },
      },
    },
    {
      name: 'States.Timeout is for a missing heartbeat, too',
      source: language('Appendix A: Predefined Error Codes'),
      definition: asks([], {
        TimeoutSeconds: 4,
        HeartbeatSeconds: 1,
        Catch: [{ ErrorEquals: ['States.Timeout'], Output: 'caught', Next: 'Done' }],
      }),
      expect: { status: 'SUCCEEDED', output: 'caught', lasts: { from: 1, below: 1.1 } },
    },
    {
      name: 'heartbeats keep it waiting',
      source: guide('API reference, SendTaskHeartbeat'),
      definition: asks(
        [
          ...[{ pause: 1.5 }, { heartbeat: true }, { pause: 1.5 }, { heartbeat: true }],
          ...[{ pause: 1.5 }, { succeed: 'alive' }],
        ] as Answer[],
        { TimeoutSeconds: 30, HeartbeatSeconds: 3 },
      ),
      expect: { status: 'SUCCEEDED', output: 'alive', lasts: { from: 4.4, below: 4.6 } },
    },
    {
      name: 'heartbeats do not lengthen TimeoutSeconds',
      source: guide('API reference, SendTaskHeartbeat'),
      definition: asks(
        [
          ...[{ pause: 0.7 }, { heartbeat: true }, { pause: 0.7 }, { heartbeat: true }],
          ...[{ pause: 0.7 }, { heartbeat: true }],
        ] as Answer[],
        { TimeoutSeconds: 2, HeartbeatSeconds: 1, ...caught('States.Timeout') },
      ),
      expect: {
        status: 'SUCCEEDED',
        output: ['caught', 'States.Timeout'],
        lasts: { from: 2, below: 2.1 },
      },
    },
    {
      name: 'a function that fails fails the task: nobody will answer',
      source: CALLBACK,
      definition: machine({
        Wait: waits(
          { do: 'throw', error: 'Unavailable' },
          { TimeoutSeconds: 2, ...caught('Unavailable') },
        ),
        Caught: ends({ Output: '{% ["caught", $states.input.Error] %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: ['caught', 'Unavailable'] },
    },
    {
      name: 'every try has a token of its own: an answer to an earlier one finds nobody',
      source: guide('Accessing execution data from the Context object'),
      definition: machine({
        Wait: waits(
          {
            do: 'answer by turns',
            key: RUN,
            turns: [
              [{ pause: 9 }, { succeed: 'late' }],
              [{ pause: 3 }, { succeed: 'second' }],
            ],
          },
          { TimeoutSeconds: 6, Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1 }] },
        ),
      }),
      expect: { status: 'SUCCEEDED', output: 'second' },
    },
    {
      name: 'goes round and waits again, as the promote machine does',
      source: CALLBACK,
      definition: machine({
        Begin: passes({ Assign: { n: 0 }, Next: 'Wait' }),
        Wait: waits(
          { do: 'answer', with: [{ succeed: 'woken' }] },
          { Assign: { n: '{% $n + 1 %}' }, Next: 'Enough?' },
        ),
        'Enough?': {
          Type: 'Choice',
          Choices: [{ Condition: '{% $n < 2 %}', Next: 'Wait' }],
          Default: 'Done',
        },
        Done: ends({ Output: '{% $n %}' }),
      }),
      expect: {
        status: 'SUCCEEDED',
        output: 2,
        states: ['Begin', 'Wait', 'Enough?', 'Wait', 'Enough?', 'Done'],
      },
    },
    {
      name: 'StopExecution ends what waits as aborted, with error and cause',
      source: guide('API reference, StopExecution'),
      definition: asks([]),
      stop: { error: 'Stopped', cause: 'by hand' },
      expect: {
        status: 'ABORTED',
        error: 'Stopped',
        causeContains: 'by hand',
        states: ['Wait'],
      },
    },
    {
      name: 'StopExecution is nothing that a catcher catches',
      source: guide('API reference, StopExecution'),
      definition: asks([], caught('States.ALL')),
      stop: { error: 'Stopped', cause: 'by hand' },
      expect: { status: 'ABORTED', states: ['Wait'] },
    },
  ],
};
