import {
  calls,
  comesTo,
  ends,
  guide,
  jsonata,
  machine,
  passes,
  type StateJson,
  type Subject,
} from '../case.ts';

const ERRORS = guide('Transforming data with JSONata › Handling expression errors');
const CODES = jsonata('Error codes');

/** The error of an expression in a task, caught there. */
const catches = (name: string, expression: string, more: StateJson = {}) => ({
  name: `${name}, and a task catches it`,
  source: ERRORS,
  definition: machine({
    Begin: passes({ Assign: { x: 1, y: 'two' }, Next: 'Call' }),
    Call: calls(
      { do: 'echo', value: `{% ${expression} %}` },
      { Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }], ...more },
    ),
    Caught: ends({ Output: '{% $states.input.Error %}' }),
  }),
  expect: { status: 'SUCCEEDED' as const, output: 'States.QueryEvaluationError' },
});

export const errors: Subject = {
  subject: 'Errors of expressions',
  cases: [
    catches('adding a text to a number fails', '$x + $y'),
    catches('a variable that was never assigned comes to nothing', '$never'),
    catches('$error throws', "$error('on purpose')"),
    catches('$assert throws', "$assert(false, 'on purpose')"),
    comesTo('adding texts fails', ERRORS, "'a' + 'b'"),
    comesTo('comparing a text with a number by < fails', CODES, "1 < 'a'"),
    comesTo('comparing a boolean by < fails', CODES, 'true < false'),
    comesTo(
      'comparing text and number by = is false',
      jsonata('Comparison Operators'),
      "1 = '1'",
      false,
    ),
    comesTo('calling what is no function fails', CODES, '$states.input()'),
    comesTo('calling a function that is not there fails', CODES, '$nosuch(1)'),
    comesTo('an argument of the wrong type fails', CODES, '$sum("a")'),
    comesTo('a number from what is none fails', CODES, "$number('a')"),
    comesTo('a number that is too large fails', CODES, '$power(10, 400)'),
    comesTo('dividing by 0 fails', CODES, '1 / 0'),
    comesTo('a moment from what is none fails', CODES, "$toMillis('yesterday')"),
    comesTo('the square root of less than nothing fails', CODES, '$sqrt(-1)'),
    comesTo('an expression that comes to a function is no output', ERRORS, 'function($x) { $x }'),
    comesTo('$single of two fails', CODES, '$single([1, 2])'),
    comesTo('a range of what is no whole number fails', CODES, '[1..2.5]'),
    comesTo(
      'the conditional without ‘else’ comes to nothing',
      jsonata('Other Operators'),
      'false ? 1',
    ),
    comesTo(
      'arithmetic with nothing comes to nothing',
      jsonata('Numeric Operators'),
      '$states.input.missing + 1',
    ),
    {
      name: 'in a state that catches nothing it fails the execution, and says where',
      source: ERRORS,
      definition: machine({
        First: passes({ Next: 'Second' }),
        Second: passes({ Output: '{% $states.input.missing %}', Next: 'Third' }),
        Third: ends(),
      }),
      expect: {
        status: 'FAILED',
        error: 'States.QueryEvaluationError',
        causeContains: '$states.input.missing',
        states: ['First', 'Second'],
      },
    },
    {
      name: 'the cause quotes what was thrown',
      source: ERRORS,
      definition: machine({ Out: ends({ Output: "{% $error('on purpose') %}" }) }),
      expect: {
        status: 'FAILED',
        error: 'States.QueryEvaluationError',
        causeContains: 'on purpose',
      },
    },
  ],
};
