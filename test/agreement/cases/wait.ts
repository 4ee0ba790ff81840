import { ends, guide, language, machine, passes, type StateJson, type Subject } from '../case.ts';

const WAIT = language('Wait State');
const JSONATA = language('JSONata Wait State');
const TIMES = language('Timestamps');
const ERRORS = guide('Transforming data with JSONata › Handling expression errors');

const after = (wait: StateJson, more: StateJson = {}) =>
  machine({ Wait: { Type: 'Wait', ...wait, Next: 'Done' }, Done: ends(more) });
const ofState = '$toMillis($states.context.State.EnteredTime)';
const atOnce = { from: 0, below: 0.1 };
const fails = { status: 'FAILED', error: 'States.QueryEvaluationError' } as const;

export const waiting: Subject = {
  subject: 'Wait',
  cases: [
    {
      name: 'waits so many seconds, and hands its input on',
      source: WAIT,
      definition: after({ Seconds: 1 }),
      input: { a: 1 },
      expect: { status: 'SUCCEEDED', output: { a: 1 }, lasts: { from: 1, below: 1.1 } },
    },
    {
      name: 'takes Seconds by expression',
      source: JSONATA,
      definition: after({ Seconds: '{% $states.input.lineUpSeconds %}' }),
      input: { lineUpSeconds: 2 },
      expect: {
        status: 'SUCCEEDED',
        output: { lineUpSeconds: 2 },
        lasts: { from: 2, below: 2.1 },
      },
    },
    {
      name: 'waits not at all for 0 seconds',
      source: JSONATA,
      definition: after({ Seconds: '{% 0 %}' }),
      expect: { status: 'SUCCEEDED', output: {}, lasts: atOnce },
    },
    {
      name: 'evaluates Output and Assign',
      source: WAIT,
      definition: after(
        { Seconds: 0, Output: '{% $states.input.a + 1 %}', Assign: { b: '{% $states.input.a %}' } },
        { Output: '{% [$states.input, $b] %}' },
      ),
      input: { a: 1 },
      expect: { status: 'SUCCEEDED', output: [2, 1] },
    },
    {
      name: 'goes on at once from a moment that is past',
      source: WAIT,
      definition: after({ Timestamp: '2016-03-14T01:59:00Z' }),
      expect: { status: 'SUCCEEDED', output: {}, lasts: atOnce },
    },
    {
      name: 'waits for a moment by expression',
      source: JSONATA,
      definition: after({ Timestamp: `{% $fromMillis(${ofState} + 2000) %}` }),
      expect: { status: 'SUCCEEDED', output: {}, lasts: { from: 1.8, below: 2.1 } },
    },
    {
      name: 'reads a moment with an offset',
      source: TIMES,
      definition: after({ Timestamp: '{% $states.input.at %}' }),
      input: { at: '2016-03-14T01:59:00.5+02:00' },
      expect: {
        status: 'SUCCEEDED',
        output: { at: '2016-03-14T01:59:00.5+02:00' },
        lasts: atOnce,
      },
    },
    {
      name: 'fails on a moment that is none',
      source: ERRORS,
      definition: after({ Timestamp: '{% $states.input.at %}' }),
      input: { at: 'tomorrow' },
      expect: fails,
    },
    {
      name: 'fails on a date without a time',
      source: TIMES,
      definition: after({ Timestamp: '{% $states.input.at %}' }),
      input: { at: '2016-03-14' },
      expect: fails,
    },
    {
      name: 'fails on a moment without a zone',
      source: TIMES,
      definition: after({ Timestamp: '{% $states.input.at %}' }),
      input: { at: '2016-03-14T01:59:00' },
      expect: fails,
    },
    {
      name: 'fails where Seconds come to a string',
      source: ERRORS,
      definition: after({ Seconds: "{% '1' %}" }),
      expect: fails,
    },
    {
      name: 'fails where Seconds come to less than nothing',
      source: ERRORS,
      definition: after({ Seconds: '{% -1 %}' }),
      expect: fails,
    },
    {
      name: 'fails where Seconds come to a fraction',
      source: JSONATA,
      definition: after({ Seconds: '{% 0.5 %}' }),
      expect: fails,
    },
    {
      name: 'fails where Seconds come to nothing',
      source: ERRORS,
      definition: after({ Seconds: '{% $states.input.missing %}' }),
      expect: fails,
    },
    {
      name: 'refuses both Seconds and Timestamp',
      source: JSONATA,
      definition: after({ Seconds: 0, Timestamp: '2016-03-14T01:59:00Z' }),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'refuses neither Seconds nor Timestamp',
      source: JSONATA,
      definition: after({}),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'an execution that takes longer than the machine’s TimeoutSeconds is over',
      source: language('Top-level fields › TimeoutSeconds'),
      definition: {
        ...machine({
          First: passes({ Next: 'Wait' }),
          Wait: { Type: 'Wait', Seconds: 3, End: true },
        }),
        TimeoutSeconds: 1,
      },
      expect: { status: 'TIMED_OUT', states: ['First', 'Wait'], lasts: { from: 1, below: 1.1 } },
    },
  ],
};
