import { calls, ends, guide, language, machine, type Subject } from '../case.ts';

const ERRORS = guide('Transforming data with JSONata › Handling expression errors');
const TIMEOUTS = language('Timeouts');
const names = guide('Handling errors in Step Functions workflows › Error names');

export const timeouts: Subject = {
  subject: 'Timeouts',
  cases: [
    {
      name: 'fails a task that takes longer than TimeoutSeconds',
      source: TIMEOUTS,
      definition: machine({ Call: calls({ do: 'hang', seconds: 4 }, { TimeoutSeconds: 1 }) }),
      expect: { status: 'FAILED', error: 'States.Timeout', lasts: { from: 1, below: 1.1 } },
    },
    {
      name: 'takes TimeoutSeconds by expression',
      source: TIMEOUTS,
      definition: machine({
        Call: calls({ do: 'hang', seconds: 4 }, { TimeoutSeconds: '{% $states.input.limit %}' }),
      }),
      input: { limit: 1 },
      expect: { status: 'FAILED', error: 'States.Timeout', lasts: { from: 1, below: 1.1 } },
    },
    {
      name: 'fails when TimeoutSeconds comes to a string',
      source: ERRORS,
      definition: machine({
        Call: calls({ do: 'echo', value: 1 }, { TimeoutSeconds: '{% $states.input.limit %}' }),
      }),
      input: { limit: '1' },
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    {
      name: 'fails when TimeoutSeconds comes to a negative number',
      source: ERRORS,
      definition: machine({
        Call: calls({ do: 'echo', value: 1 }, { TimeoutSeconds: '{% -1 %}' }),
      }),
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    {
      name: 'States.TaskFailed does not match a timeout',
      source: names,
      definition: machine({
        Call: calls(
          { do: 'hang', seconds: 4 },
          {
            TimeoutSeconds: 1,
            Catch: [
              { ErrorEquals: ['States.TaskFailed'], Next: 'Wrong' },
              { ErrorEquals: ['States.Timeout'], Next: 'Right' },
            ],
          },
        ),
        Wrong: ends({ Output: 'wrong' }),
        Right: ends({ Output: 'right' }),
      }),
      expect: { status: 'SUCCEEDED', output: 'right', states: ['Call', 'Right'] },
    },
  ],
};
