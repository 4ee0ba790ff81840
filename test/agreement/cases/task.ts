import {
  calls,
  ends,
  FUNCTION,
  guide,
  language,
  machine,
  passes,
  RUN,
  type Subject,
} from '../case.ts';

const LAMBDA = guide('Invoke an AWS Lambda function with Step Functions');
const OUTPUT = language('Using Arguments and Output');
const ERRORS = guide('Transforming data with JSONata › Handling expression errors');

export const task: Subject = {
  subject: 'Task',
  cases: [
    {
      name: 'without Output it outputs the integration’s whole result',
      source: OUTPUT,
      definition: machine({
        Call: calls({ do: 'echo', value: { a: 1 } }, { Output: undefined, Next: 'Look' }),
        Look: ends({
          Output: '{% {"payload": $states.input.Payload, "status": $states.input.StatusCode} %}',
        }),
      }),
      expect: { status: 'SUCCEEDED', output: { payload: { a: 1 }, status: 200 } },
    },
    {
      name: 'the result says which version of the function ran',
      source: LAMBDA,
      definition: machine({
        Call: calls({ do: 'echo', value: 1 }, { Output: '{% $states.result.ExecutedVersion %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: '$LATEST' },
    },
    {
      name: 'Output and Assign both see the result and the input',
      source: OUTPUT,
      definition: machine({
        Call: calls(
          { do: 'echo', value: { price: 3 } },
          {
            Assign: { price: '{% $states.result.Payload.price %}', who: '{% $states.input.who %}' },
            Output: '{% $states.result.Payload.price & $states.input.who %}',
            Next: 'Look',
          },
        ),
        Look: ends({ Output: '{% [$price, $who, $states.input] %}' }),
      }),
      input: { who: 'ana' },
      expect: { status: 'SUCCEEDED', output: [3, 'ana', '3ana'] },
    },
    {
      name: 'a payload by one expression, as our machines have it',
      source: OUTPUT,
      definition: machine({
        Begin: passes({ Assign: { ref: { a: 1 } }, Next: 'Call' }),
        Call: calls("{% $merge([{'do': 'echo', 'value': {'b': 2}}, $ref]) %}"),
      }),
      expect: { status: 'SUCCEEDED', output: { b: 2 } },
    },
    {
      name: 'a payload with literals of every kind arrives as it is',
      source: OUTPUT,
      definition: machine({
        Call: calls({ do: 'echo', value: [null, true, -1.5e-7, '', {}, [], 'ü'] }),
      }),
      expect: { status: 'SUCCEEDED', output: [null, true, -1.5e-7, '', {}, [], 'ü'] },
    },
    {
      name: 'a function that returns null gives null, which is a value',
      source: LAMBDA,
      definition: machine({ Call: calls({ do: 'echo', value: null }) }),
      expect: { status: 'SUCCEEDED', output: null },
    },
    {
      name: 'a function that returns nothing gives null',
      source: 'Lambda guide, “Define Lambda function handler in Node.js”',
      definition: machine({ Call: calls({ do: 'nothing' }) }),
      expect: { status: 'SUCCEEDED', output: null },
    },
    {
      name: 'the function’s name may be an expression',
      source: language('Task State'),
      definition: machine({
        Begin: passes({ Assign: { function: FUNCTION }, Next: 'Call' }),
        Call: calls(null, {
          Arguments: { FunctionName: '{% $function %}', Payload: { do: 'echo', value: 'here' } },
        }),
      }),
      expect: { status: 'SUCCEEDED', output: 'here' },
    },
    {
      name: 'a function that does not exist is Lambda.ResourceNotFoundException',
      source: LAMBDA,
      definition: machine({
        Call: calls(null, {
          Arguments: { FunctionName: `${FUNCTION}-missing`, Payload: {} },
          Catch: [{ ErrorEquals: ['Lambda.ResourceNotFoundException'], Next: 'Caught' }],
        }),
        Caught: ends({ Output: 'caught' }),
      }),
      expect: { status: 'SUCCEEDED', output: 'caught' },
    },
    {
      name: 'a function’s error fails the execution under its own name',
      source: guide('Error handling, “Handle errors with Lambda”'),
      definition: machine({ Call: calls({ do: 'throw', error: 'TooBad', message: 'it rains' }) }),
      expect: { status: 'FAILED', error: 'TooBad', causeContains: 'it rains' },
    },
    {
      name: 'the cause of a function’s error is JSON with errorType and errorMessage',
      source: guide('Error handling, “Handle errors with Lambda”'),
      definition: machine({
        Call: calls(
          { do: 'throw', error: 'TooBad', message: 'it rains' },
          {
            Catch: [
              {
                ErrorEquals: ['TooBad'],
                Output: '{% $parse($states.errorOutput.Cause).[errorType, errorMessage] %}',
                Next: 'Caught',
              },
            ],
          },
        ),
        Caught: ends(),
      }),
      expect: { status: 'SUCCEEDED', output: ['TooBad', 'it rains'] },
    },
    {
      name: 'an expression in Arguments that fails is caught by the same state',
      source: ERRORS,
      definition: machine({
        Call: calls(
          { do: 'echo', value: '{% $states.input.missing %}' },
          { Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }] },
        ),
        Caught: ends({ Output: '{% $states.input.Error %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 'States.QueryEvaluationError' },
    },
    {
      name: 'an expression in Output that fails is caught by the same state',
      source: ERRORS,
      definition: machine({
        Call: calls(
          { do: 'echo', value: {} },
          {
            Output: '{% $states.result.Payload.missing %}',
            Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
          },
        ),
        Caught: ends({ Output: '{% $states.input.Error %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 'States.QueryEvaluationError' },
    },
    {
      name: 'an expression in Assign that fails is caught, and assigns nothing',
      source: ERRORS,
      definition: machine({
        Begin: passes({ Assign: { a: 'old' }, Next: 'Call' }),
        Call: calls(
          { do: 'echo', value: {} },
          {
            Assign: { a: 'new', b: '{% $states.result.Payload.missing %}' },
            Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
          },
        ),
        Caught: ends({ Output: '{% $a %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 'old' },
    },
    {
      name: 'Retry on a failed Output calls the function again',
      source: ERRORS,
      definition: machine({
        Call: calls(
          { do: 'count', key: RUN },
          {
            Output: '{% $states.result.Payload = 2 ? "second" : $nothing %}',
            Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 1 }],
          },
        ),
      }),
      expect: { status: 'SUCCEEDED', output: 'second' },
    },
    {
      name: 'refuses $states.result in Arguments',
      source: guide('Transforming data with JSONata › Reserved variable: $states'),
      definition: machine({ Call: calls({ do: 'echo', value: '{% $states.result %}' }) }),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'refuses $states.errorOutput outside Catch',
      source: guide('Transforming data with JSONata › Reserved variable: $states'),
      definition: machine({
        Call: calls({ do: 'echo', value: 1 }, { Output: '{% $states.errorOutput %}' }),
      }),
      expect: { status: 'REFUSED' },
    },
  ],
};
