import {
  calls,
  ends,
  guide,
  language,
  machine,
  passes,
  RUN,
  type StateJson,
  type Subject,
} from '../case.ts';

const RETRY = language('Retrying after error');
const COMPLEX = language('Complex retry scenarios');
const names = guide('Handling errors in Step Functions workflows › Error names');
const after = guide('Handling errors in Step Functions workflows › Retrying after an error');

const soon = { IntervalSeconds: 1, BackoffRate: 1 };

/** A function that fails so, call by call, under these retriers; at last it says how often it was called. */
const stumbles = (errors: readonly string[], Retry: readonly StateJson[], more: StateJson = {}) =>
  machine({
    Call: calls({ do: 'stumble', key: RUN, errors }, { Retry, Next: 'Done', ...more }),
    Done: ends(),
    'Gave up': calls(
      { do: 'count', key: RUN },
      { Output: { calls: '{% $states.result.Payload - 1 %}' } },
    ),
  });
const givesUp = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Gave up' }] };

export const retry: Subject = {
  subject: 'Retry',
  cases: [
    {
      name: 'tries three times more where it says no number',
      source: RETRY,
      definition: stumbles(['E', 'E', 'E'], [{ ErrorEquals: ['E'], ...soon }]),
      expect: { status: 'SUCCEEDED', output: { calls: 4 } },
    },
    {
      name: 'and no oftener',
      source: RETRY,
      definition: stumbles(['E', 'E', 'E', 'E', 'E'], [{ ErrorEquals: ['E'], ...soon }], givesUp),
      expect: { status: 'SUCCEEDED', output: { calls: 4 } },
    },
    {
      name: 'fails with the last error once it has tried enough',
      source: RETRY,
      definition: stumbles(['A', 'B'], [{ ErrorEquals: ['A'], MaxAttempts: 1, ...soon }]),
      expect: { status: 'FAILED', error: 'B', causeContains: 'call 2' },
    },
    {
      name: 'MaxAttempts 0 tries no more',
      source: RETRY,
      definition: stumbles(['E'], [{ ErrorEquals: ['E'], MaxAttempts: 0 }], givesUp),
      expect: { status: 'SUCCEEDED', output: { calls: 1 } },
    },
    {
      name: 'an error that no retrier names is not tried again',
      source: RETRY,
      definition: stumbles(['Other'], [{ ErrorEquals: ['E'], ...soon }], givesUp),
      expect: { status: 'SUCCEEDED', output: { calls: 1 } },
    },
    {
      name: 'names are case-sensitive',
      source: language('Error representation'),
      definition: stumbles(['unavailable'], [{ ErrorEquals: ['Unavailable'], ...soon }], givesUp),
      expect: { status: 'SUCCEEDED', output: { calls: 1 } },
    },
    {
      name: 'one retrier is for any of its names, and counts them together',
      source: COMPLEX,
      definition: stumbles(
        ['A', 'B', 'A'],
        [{ ErrorEquals: ['A', 'B'], MaxAttempts: 2, ...soon }],
        givesUp,
      ),
      expect: { status: 'SUCCEEDED', output: { calls: 3 } },
    },
    {
      name: 'each retrier counts for itself: the language’s example of A, B, C, B',
      source: COMPLEX,
      definition: stumbles(
        ['ErrorA', 'ErrorB', 'ErrorC', 'ErrorB'],
        [
          { ErrorEquals: ['ErrorA', 'ErrorB'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
          { ErrorEquals: ['ErrorC'], IntervalSeconds: 2 },
        ],
        givesUp,
      ),
      expect: { status: 'SUCCEEDED', output: { calls: 4 }, lasts: { from: 5, below: 5.1 } },
    },
    {
      name: 'the first retrier that names the error decides, though a later one would do more',
      source: RETRY,
      definition: stumbles(
        ['E', 'E'],
        [
          { ErrorEquals: ['E'], MaxAttempts: 1, ...soon },
          { ErrorEquals: ['States.ALL'], MaxAttempts: 5, ...soon },
        ],
        givesUp,
      ),
      expect: { status: 'SUCCEEDED', output: { calls: 2 } },
    },
    {
      name: 'States.ALL is for any error',
      source: RETRY,
      definition: stumbles(['Whatever'], [{ ErrorEquals: ['States.ALL'], ...soon }]),
      expect: { status: 'SUCCEEDED', output: { calls: 2 } },
    },
    {
      name: 'any error but timeouts: the language’s example',
      source: RETRY,
      definition: machine({
        Call: calls(
          { do: 'hang', seconds: 4 },
          {
            TimeoutSeconds: 1,
            Retry: [
              { ErrorEquals: ['States.Timeout'], MaxAttempts: 0 },
              { ErrorEquals: ['States.ALL'] },
            ],
          },
        ),
      }),
      expect: { status: 'FAILED', error: 'States.Timeout', lasts: { from: 1, below: 1.1 } },
    },
    {
      name: 'a timeout is tried again where it is named',
      source: RETRY,
      definition: machine({
        Call: calls(
          { do: 'hang', seconds: 3 },
          {
            TimeoutSeconds: 1,
            Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1, IntervalSeconds: 1 }],
          },
        ),
      }),
      expect: { status: 'FAILED', error: 'States.Timeout', lasts: { from: 3, below: 3.1 } },
    },
    {
      name: 'States.TaskFailed is for a function’s error',
      source: names,
      definition: stumbles(['Whatever'], [{ ErrorEquals: ['States.TaskFailed'], ...soon }]),
      expect: { status: 'SUCCEEDED', output: { calls: 2 } },
    },
    {
      name: 'waits IntervalSeconds, and BackoffRate times as long each further time',
      source: RETRY,
      definition: stumbles(
        ['E', 'E'],
        [{ ErrorEquals: ['E'], IntervalSeconds: 1, BackoffRate: 3 }],
      ),
      expect: { status: 'SUCCEEDED', output: { calls: 3 }, lasts: { from: 4, below: 4.1 } },
    },
    {
      name: 'waits 1 second and doubles it where it says nothing',
      source: RETRY,
      definition: stumbles(['E', 'E'], [{ ErrorEquals: ['E'] }]),
      expect: { status: 'SUCCEEDED', output: { calls: 3 }, lasts: { from: 3, below: 3.1 } },
    },
    {
      name: 'MaxDelaySeconds caps the wait',
      source: RETRY,
      definition: stumbles(
        ['E', 'E'],
        [{ ErrorEquals: ['E'], IntervalSeconds: 1, BackoffRate: 5, MaxDelaySeconds: 2 }],
      ),
      expect: { status: 'SUCCEEDED', output: { calls: 3 }, lasts: { from: 3, below: 3.1 } },
    },
    {
      name: 'full jitter waits no longer than without',
      source: after,
      definition: stumbles(
        ['E', 'E'],
        [{ ErrorEquals: ['E'], IntervalSeconds: 1, BackoffRate: 1, JitterStrategy: 'FULL' }],
      ),
      expect: { status: 'SUCCEEDED', output: { calls: 3 }, lasts: { from: 0, below: 2 } },
    },
    {
      name: 'is tried before any catcher is asked',
      source: language('Fallback states'),
      definition: stumbles(['E'], [{ ErrorEquals: ['E'], ...soon }], givesUp),
      expect: { status: 'SUCCEEDED', output: { calls: 2 }, states: ['Call', 'Done'] },
    },
    {
      name: 'counts anew when the state is entered again',
      source: COMPLEX,
      definition: machine({
        Begin: passes({ Assign: { round: 0 }, Next: 'Call' }),
        Call: calls(
          { do: 'stumble', key: RUN, errors: ['E', '', 'E', ''] },
          {
            Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1, ...soon }],
            Assign: { round: '{% $round + 1 %}' },
            Next: 'Twice?',
          },
        ),
        'Twice?': {
          Type: 'Choice',
          Choices: [{ Condition: '{% $round < 2 %}', Next: 'Call' }],
          Default: 'Done',
        },
        Done: ends(),
      }),
      expect: { status: 'SUCCEEDED', output: { calls: 4 } },
    },
    {
      name: 'tells each try how many there were before it',
      source: guide('Accessing execution data from the Context object › State'),
      definition: machine({
        Call: calls(
          {
            do: 'stumble',
            key: RUN,
            errors: ['E', 'E'],
          },
          {
            Retry: [{ ErrorEquals: ['E'], ...soon }],
            Output: '{% $states.context.State.RetryCount %}',
          },
        ),
      }),
      expect: { status: 'SUCCEEDED', output: 2 },
    },
    {
      name: 'leaves the state’s input and the variables as they were',
      source: RETRY,
      definition: machine({
        Begin: passes({ Assign: { a: 'before' }, Next: 'Call' }),
        Call: calls(
          { do: 'stumble', key: RUN, errors: ['E'] },
          {
            Retry: [{ ErrorEquals: ['E'], ...soon }],
            Assign: { a: 'after' },
            Output: '{% [$states.input, $a, $states.result.Payload.calls] %}',
          },
        ),
      }),
      input: 'in',
      expect: { status: 'SUCCEEDED', output: ['in', 'before', 2] },
    },
  ],
};
