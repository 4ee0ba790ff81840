import { calls, ends, guide, language, machine, outputs, passes, type Subject } from '../case.ts';

const QUOTAS = guide('Step Functions service quotas');
const NAMES = guide('Handling errors in Step Functions workflows › Error names');
const START = guide('API reference, StartExecution');
const VARIABLES = guide('Passing data between states with variables › Limits');

const KIB = 1024;
/** A text of so many bytes, by doubling: the definition itself stays short. */
const text = (bytes: number) => `$pad('', ${bytes}, 'x')`;
const tooMuch = { status: 'FAILED', error: 'States.DataLimitExceeded' } as const;

export const limits: Subject = {
  subject: 'Limits',
  cases: [
    {
      name: 'an output of 250 KiB passes',
      source: QUOTAS,
      definition: machine({
        Big: passes({ Output: `{% ${text(250 * KIB)} %}`, Next: 'Out' }),
        Out: ends({ Output: '{% $length($states.input) %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 250 * KIB },
    },
    {
      name: 'an output of more than 256 KiB does not',
      source: QUOTAS,
      definition: machine({
        Big: passes({ Output: `{% ${text(256 * KIB + 1)} %}`, Next: 'Out' }),
        Out: ends({ Output: 'never' }),
      }),
      expect: tooMuch,
    },
    {
      name: 'bytes are counted, not characters',
      source: QUOTAS,
      definition: machine({
        Big: passes({ Output: `{% $pad('', ${200 * KIB}, 'ü') %}`, Next: 'Out' }),
        Out: ends({ Output: 'never' }),
      }),
      expect: tooMuch,
    },
    {
      name: 'a function’s result of more than 256 KiB fails the task',
      source: NAMES,
      definition: machine({
        Call: calls({ do: 'large', bytes: 300 * KIB }, { Output: 'small' }),
      }),
      expect: tooMuch,
    },
    {
      name: 'which States.ALL does not catch',
      source: NAMES,
      definition: machine({
        Call: calls(
          { do: 'large', bytes: 300 * KIB },
          { Output: 'small', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] },
        ),
        Caught: ends({ Output: 'caught' }),
      }),
      expect: tooMuch,
    },
    {
      name: 'Arguments of more than 256 KiB fail the task',
      source: NAMES,
      definition: machine({
        Call: calls({ do: 'echo', value: `{% ${text(300 * KIB)} %}` }, { Output: 'small' }),
      }),
      expect: tooMuch,
    },
    {
      name: 'a variable of 250 KiB can be kept',
      source: VARIABLES,
      definition: machine({
        Keep: passes({ Assign: { x: `{% ${text(250 * KIB)} %}` }, Next: 'Out' }),
        Out: ends({ Output: '{% $length($x) %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 250 * KIB },
    },
    {
      name: 'two variables of one Assign that make more than 256 KiB together cannot',
      source: VARIABLES,
      definition: machine({
        Keep: passes({
          Assign: { x: `{% ${text(150 * KIB)} %}`, y: `{% ${text(150 * KIB)} %}` },
          Next: 'Out',
        }),
        Out: ends({ Output: 'never' }),
      }),
      expect: { status: 'FAILED' },
    },
    {
      name: 'two variables of two states can, though they make more together',
      source: VARIABLES,
      definition: machine({
        One: passes({ Assign: { x: `{% ${text(150 * KIB)} %}` }, Next: 'Two' }),
        Two: passes({ Assign: { y: `{% ${text(150 * KIB)} %}` }, Next: 'Out' }),
        Out: ends({ Output: '{% $length($x & $y) %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 300 * KIB },
    },
    {
      name: 'a state’s name has at most 80 characters: refused',
      source: language('States'),
      definition: machine({ ['x'.repeat(81)]: ends() }),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'a state’s name of 80 characters is right',
      source: language('States'),
      definition: machine({ ['x'.repeat(80)]: ends({ Output: 1 }) }),
      expect: { status: 'SUCCEEDED', output: 1, states: ['x'.repeat(80)] },
    },
    {
      name: 'an input of more than 256 KiB is refused',
      source: QUOTAS,
      definition: outputs('never'),
      input: 'x'.repeat(256 * KIB + 1),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'an execution’s name has at most 80 characters: refused',
      source: START,
      definition: outputs('never'),
      named: 'n'.repeat(81),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'an execution’s name of 80 characters is right',
      source: START,
      definition: outputs('{% $length($states.context.Execution.Name) %}'),
      named: 'n'.repeat(80),
      expect: { status: 'SUCCEEDED', output: 80 },
    },
    {
      name: 'an execution’s name has no space: refused',
      source: START,
      definition: outputs('never'),
      named: 'payments 1042',
      expect: { status: 'REFUSED' },
    },
    {
      name: 'an execution’s name has no colon: refused',
      source: START,
      definition: outputs('never'),
      named: 'payments:1042',
      expect: { status: 'REFUSED' },
    },
    {
      name: 'an execution’s name may have a dot, a hyphen and an underscore',
      source: START,
      definition: outputs('{% $states.context.Execution.Name %}'),
      named: 'p_01M7ZQWEWGRZVB292DSA5Z5R2W-2.a',
      expect: { status: 'SUCCEEDED', output: 'p_01M7ZQWEWGRZVB292DSA5Z5R2W-2.a' },
    },
    {
      name: 'an expression that never ends is stopped',
      source: guide('Transforming data with JSONata › Handling expression errors'),
      definition: outputs('{% ($f := function($x) { $f($x + 1) + 1 }; $f(0)) %}'),
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
  ],
};
