import {
  calls,
  ends,
  guide,
  language,
  machine,
  passes,
  type StateJson,
  type Subject,
} from '../case.ts';

const FALLBACK = language('Fallback states');
const OUTPUT = language('JSONata Catchers');
const ERROR_OUTPUT = language('Error output');
const names = guide('Handling errors in Step Functions workflows › Error names');

/** A function throws; whoever catches says what came. */
const throws = (error: string, Catch: readonly StateJson[], more: StateJson = {}) =>
  machine({
    Begin: passes({ Assign: { a: 'before' }, Next: 'Call' }),
    Call: calls({ do: 'throw', error, message: 'as told' }, { Catch, Next: 'Fine', ...more }),
    Fine: ends({ Output: 'fine' }),
    One: ends({ Output: '{% ["One", $a, $states.input] %}' }),
    Two: ends({ Output: '{% ["Two", $a, $states.input] %}' }),
  });
const named = { ErrorEquals: ['E'], Output: 'caught' };
const all = { ErrorEquals: ['States.ALL'], Output: 'caught' };

export const catching: Subject = {
  subject: 'Catch',
  cases: [
    {
      name: 'goes to the first catcher that names the error',
      source: FALLBACK,
      definition: throws('E', [
        { ErrorEquals: ['D'], Output: 'caught', Next: 'Two' },
        { ...named, Next: 'One' },
        { ...all, Next: 'Two' },
      ]),
      expect: {
        status: 'SUCCEEDED',
        output: ['One', 'before', 'caught'],
        states: ['Begin', 'Call', 'One'],
      },
    },
    {
      name: 'a catcher names several errors',
      source: FALLBACK,
      definition: throws('E', [{ ErrorEquals: ['D', 'E'], Output: 'caught', Next: 'One' }]),
      expect: { status: 'SUCCEEDED', output: ['One', 'before', 'caught'] },
    },
    {
      name: 'States.ALL catches what none before it names',
      source: FALLBACK,
      definition: throws('X', [
        { ...named, Next: 'One' },
        { ...all, Next: 'Two' },
      ]),
      expect: { status: 'SUCCEEDED', output: ['Two', 'before', 'caught'] },
    },
    {
      name: 'an error that nobody catches fails the execution',
      source: FALLBACK,
      definition: throws('X', [{ ...named, Next: 'One' }]),
      expect: {
        status: 'FAILED',
        error: 'X',
        causeContains: 'as told',
        states: ['Begin', 'Call'],
      },
    },
    {
      name: 'States.TaskFailed catches a function’s error',
      source: names,
      definition: throws('X', [
        { ErrorEquals: ['States.TaskFailed'], Output: 'caught', Next: 'One' },
      ]),
      expect: { status: 'SUCCEEDED', output: ['One', 'before', 'caught'] },
    },
    {
      name: 'without Output it outputs the Error Output',
      source: OUTPUT,
      definition: machine({
        Call: calls(
          { do: 'throw', error: 'E', message: 'as told' },
          { Catch: [{ ErrorEquals: ['E'], Next: 'Caught' }] },
        ),
        Caught: ends({
          Output: '{% [$states.input.Error, $contains($states.input.Cause, "as told")] %}',
        }),
      }),
      expect: { status: 'SUCCEEDED', output: ['E', true] },
    },
    {
      name: 'Output sees the Error Output and the state’s input: the language’s example',
      source: OUTPUT,
      definition: throws('java.lang.Exception', [
        {
          ErrorEquals: ['java.lang.Exception'],
          Output: "{% $merge([ {'in': 1}, {'error-info': $states.errorOutput.Error} ]) %}",
          Next: 'One',
        },
      ]),
      expect: {
        status: 'SUCCEEDED',
        output: ['One', 'before', { in: 1, 'error-info': 'java.lang.Exception' }],
      },
    },
    {
      name: 'Assign by a regular expression: the language’s example',
      source: OUTPUT,
      definition: throws('FatalError', [
        {
          ErrorEquals: ['States.ALL'],
          Assign: { a: '{% $contains($lowercase($states.errorOutput.Error), /.*fatal.*/) %}' },
          Output: 'caught',
          Next: 'One',
        },
      ]),
      expect: { status: 'SUCCEEDED', output: ['One', true, 'caught'] },
    },
    {
      name: 'assigns and leaves as our machines do: failure kept, reference handed on',
      source: ERROR_OUTPUT,
      definition: throws('E', [
        {
          ErrorEquals: ['States.ALL'],
          Assign: { a: "{% {'step': 'copy', 'error': $states.errorOutput.Error} %}" },
          Output: '{% $a %}',
          Next: 'One',
        },
      ]),
      expect: {
        status: 'SUCCEEDED',
        output: ['One', { step: 'copy', error: 'E' }, 'before'],
      },
    },
    {
      name: 'the state’s own Assign and Output are not evaluated',
      source: ERROR_OUTPUT,
      definition: throws('E', [{ ...named, Next: 'One' }], {
        Assign: { a: 'assigned' },
        Output: '{% $states.result.Payload %}',
      }),
      expect: { status: 'SUCCEEDED', output: ['One', 'before', 'caught'] },
    },
    {
      name: 'an expression of the catcher that fails, fails the execution',
      source: guide('Transforming data with JSONata › Handling expression errors'),
      definition: throws('E', [
        { ErrorEquals: ['E'], Output: '{% $states.errorOutput.missing %}', Next: 'One' },
        { ...all, Next: 'Two' },
      ]),
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    {
      name: 'the state it goes to fails under an error of its own',
      source: FALLBACK,
      definition: machine({
        Call: calls({ do: 'throw', error: 'E' }, { Catch: [{ ...named, Next: 'Failed' }] }),
        Failed: { Type: 'Fail', Error: 'Final', Cause: '{% "after " & $states.input %}' },
      }),
      expect: { status: 'FAILED', error: 'Final', causeContains: 'after caught' },
    },
    {
      name: 'a state that catches may lead back to itself',
      source: FALLBACK,
      definition: machine({
        Begin: passes({ Assign: { n: 0 }, Next: 'Call' }),
        Call: calls("{% $n < 2 ? {'do': 'throw', 'error': 'E'} : {'do': 'echo', 'value': $n} %}", {
          Catch: [{ ErrorEquals: ['E'], Assign: { n: '{% $n + 1 %}' }, Next: 'Call' }],
        }),
      }),
      expect: { status: 'SUCCEEDED', output: 2, states: ['Begin', 'Call', 'Call', 'Call'] },
    },
    {
      name: 'States.QueryEvaluationError is caught by States.TaskFailed too, which is for all but timeouts',
      source: names,
      definition: machine({
        Call: calls(
          { do: 'echo', value: '{% $states.input.missing %}' },
          { Catch: [{ ErrorEquals: ['States.TaskFailed'], Output: 'caught', Next: 'Done' }] },
        ),
        Done: ends(),
      }),
      expect: { status: 'SUCCEEDED', output: 'caught' },
    },
    {
      name: 'refuses States.ALL beside another name',
      source: FALLBACK,
      definition: throws('E', [{ ErrorEquals: ['E', 'States.ALL'], Next: 'One' }]),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'refuses States.ALL before another catcher',
      source: FALLBACK,
      definition: throws('E', [
        { ...all, Next: 'One' },
        { ...named, Next: 'Two' },
      ]),
      expect: { status: 'REFUSED' },
    },
  ],
};
