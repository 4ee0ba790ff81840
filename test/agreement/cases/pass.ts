import { ends, guide, language, machine, outputs, passes, type Subject } from '../case.ts';

const STRINGS = guide(
  'Transforming data with JSONata › Writing JSONata expressions in JSON strings',
);
const FIELDS = guide('Transforming data with JSONata › Arguments and Output Fields');
const PASS = language('Pass State');

export const pass: Subject = {
  subject: 'Pass, and where expressions are read',
  cases: [
    {
      name: 'without Output it hands its input on',
      source: PASS,
      definition: machine({ First: passes({ Next: 'Last' }), Last: ends() }),
      input: { a: [1, { b: null }] },
      expect: { status: 'SUCCEEDED', output: { a: [1, { b: null }] }, states: ['First', 'Last'] },
    },
    {
      name: 'Output is a literal of any kind: true',
      source: FIELDS,
      definition: outputs(true),
      expect: { status: 'SUCCEEDED', output: true },
    },
    {
      name: 'Output is a literal of any kind: 42',
      source: FIELDS,
      definition: outputs(42),
      expect: { status: 'SUCCEEDED', output: 42 },
    },
    {
      name: 'Output is a literal of any kind: null',
      source: FIELDS,
      definition: outputs(null),
      expect: { status: 'SUCCEEDED', output: null },
    },
    {
      name: 'evaluates expressions however deep in objects and arrays they are',
      source: language('JSONata Evaluation'),
      definition: outputs({ a: { b: [1, '{% $states.input.two %}', { c: '{% 1 + 2 %}' }] } }),
      input: { two: 'the number 2' },
      expect: { status: 'SUCCEEDED', output: { a: { b: [1, 'the number 2', { c: 3 }] } } },
    },
    {
      name: 'evaluates values, not the names of fields',
      source: STRINGS,
      definition: outputs({ '{% 1 %}': '{% 2 %}' }),
      expect: { status: 'SUCCEEDED', output: { '{% 1 %}': 2 } },
    },
    {
      name: 'leaves a string without delimiters as it is',
      source: STRINGS,
      definition: outputs({ dollar: '$states.input.a', plain: '1 + 1' }),
      input: { a: 1 },
      expect: { status: 'SUCCEEDED', output: { dollar: '$states.input.a', plain: '1 + 1' } },
    },
    {
      name: 'leaves a string that only has an expression within it as it is',
      source: language('Expressions'),
      definition: outputs('one {% 1 + 1 %} three'),
      expect: { status: 'SUCCEEDED', output: 'one {% 1 + 1 %} three' },
    },
    {
      name: 'needs no space within the delimiters, and bears line breaks',
      source: language('Expressions'),
      definition: outputs({ close: '{%1+1%}', broken: '{%\n 1 +\n 1\n%}' }),
      expect: { status: 'SUCCEEDED', output: { close: 2, broken: 2 } },
    },
    {
      name: 'refuses an expression with a space before it',
      source: STRINGS,
      definition: outputs(' {% 1 + 1 %}'),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'refuses an expression that is not closed',
      source: STRINGS,
      definition: outputs('{% 1 + 1'),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'refuses an expression that is not JSONata',
      source: guide('API reference, CreateStateMachine › InvalidDefinition'),
      definition: outputs('{% 1 + %}'),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'refuses a path field: Result belongs to JSONPath',
      source: FIELDS,
      definition: machine({ Out: ends({ Result: { a: 1 } }) }),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'refuses a path field: InputPath belongs to JSONPath',
      source: FIELDS,
      definition: machine({ Out: ends({ InputPath: '$.a' }) }),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'refuses a state that leads nowhere',
      source: language('Transitions'),
      definition: machine({ First: passes({}) }),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'refuses a state that leads to one that is not there',
      source: language('Transitions'),
      definition: machine({ First: passes({ Next: 'Second' }) }),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'takes an input that is no object: a list',
      source: language('Data'),
      definition: outputs('{% $states.input[1] %}'),
      input: ['a', 'b'],
      expect: { status: 'SUCCEEDED', output: 'b' },
    },
    {
      name: 'takes an input that is no object: null',
      source: language('Data'),
      definition: outputs('{% $states.input = null %}'),
      input: null,
      expect: { status: 'SUCCEEDED', output: true },
    },
    {
      name: 'keeps letters of any script',
      source: language('Data'),
      definition: outputs("{% $states.input.name & ' – ¡olé! ☕' %}"),
      input: { name: '日本 Ж' },
      expect: { status: 'SUCCEEDED', output: '日本 Ж – ¡olé! ☕' },
    },
    {
      name: 'the guide’s own example of input and output',
      source: guide('Transforming data with JSONata › Example: Input and Output'),
      definition: machine({
        'Basic Input and Output': {
          Type: 'Succeed',
          Output: {
            lastName: "{% 'Last=>' & $states.input.customer.lastName %}",
            orderValue: '{% $states.input.order.total %}',
          },
        },
      }),
      input: {
        customer: { firstName: 'Martha', lastName: 'Rivera' },
        order: { items: 7, total: 27.91 },
      },
      expect: { status: 'SUCCEEDED', output: { lastName: 'Last=>Rivera', orderValue: 27.91 } },
    },
    {
      name: 'Succeed without Output ends with its input',
      source: language('Succeed State'),
      definition: machine({ Done: { Type: 'Succeed' } }),
      input: { a: 1 },
      expect: { status: 'SUCCEEDED', output: { a: 1 }, states: ['Done'] },
    },
    {
      name: 'Fail ends with its Error and Cause',
      source: language('Fail State'),
      definition: machine({ Done: { Type: 'Fail', Error: 'ErrorA', Cause: 'Kaiju attack' } }),
      expect: { status: 'FAILED', error: 'ErrorA', causeContains: 'Kaiju attack' },
    },
    {
      name: 'Fail takes Error and Cause by expression',
      source: language('JSONata Fail State'),
      definition: machine({
        Done: {
          Type: 'Fail',
          Error: '{% $states.input.Error %}',
          Cause: "{% 'because of ' & $states.input.Cause %}",
        },
      }),
      input: { Error: 'ErrorB', Cause: 'rain' },
      expect: { status: 'FAILED', error: 'ErrorB', causeContains: 'because of rain' },
    },
    {
      name: 'Fail whose Cause is no string fails by that',
      source: language('JSONata Fail State'),
      definition: machine({ Done: { Type: 'Fail', Error: 'E', Cause: '{% 42 %}' } }),
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
  ],
};
