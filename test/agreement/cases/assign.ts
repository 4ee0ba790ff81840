import { calls, ends, guide, language, machine, outputs, passes, type Subject } from '../case.ts';

const ASSIGN = language('Assigning variables');
const ORDER = guide(
  'Passing data between states with variables › Evaluation order in an assign field',
);
const SCOPE = guide('Passing data between states with variables › Variable scope');
const NAMES = guide('Passing data between states with variables › Variable name syntax');
const refused = { status: 'REFUSED' } as const;

export const assign: Subject = {
  subject: 'Assign',
  cases: [
    {
      name: 'the language’s own example of three variables',
      source: ASSIGN,
      definition: machine({
        FirstState: passes({
          Assign: { make: 'Infiniti', model: 'G35', year: 2006 },
          Next: 'SecondState',
        }),
        SecondState: ends({ Output: "{% $year & ' ' & $make & ' ' & $model %}" }),
      }),
      expect: { status: 'SUCCEEDED', output: '2006 Infiniti G35' },
    },
    {
      name: 'sees the values as they were on entry: the language’s example of x and newOrOld',
      source: ASSIGN,
      definition: machine({
        Begin: passes({ Assign: { x: 5 }, Next: 'Assigning' }),
        Assigning: passes({ Assign: { x: 42, newOrOld: '{% $x %}' }, Next: 'Referencing' }),
        Referencing: ends({ Output: '{% [$x, $newOrOld] %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: [42, 5] },
    },
    {
      name: 'assigns all at once, whatever the order: the guide’s example of x and nextX',
      source: ORDER,
      definition: machine({
        Begin: passes({ Assign: { x: 3, a: 6 }, Next: 'Assigning' }),
        Assigning: passes({ Assign: { x: '{% $a %}', nextX: '{% $x %}' }, Next: 'Referencing' }),
        Referencing: ends({ Output: '{% [$x, $nextX] %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: [6, 3] },
    },
    {
      name: 'fails where a variable it reads was never assigned',
      source: ORDER,
      definition: machine({
        Assigning: ends({ Assign: { nextX: '{% $x %}', x: 1 } }),
      }),
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    {
      name: 'fails so wherever in the order that is',
      source: ORDER,
      definition: machine({
        Assigning: ends({ Assign: { x: 1, nextX: '{% $x %}' } }),
      }),
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    {
      name: 'is not seen by Output of the same state',
      source: guide('Passing data between states with variables › Assign field in ASL'),
      definition: machine({
        Begin: passes({ Assign: { x: 'old' }, Next: 'Both' }),
        Both: ends({ Assign: { x: 'new' }, Output: '{% $x %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 'old' },
    },
    {
      name: 'is not seen by Output of the same task, either',
      source: guide('Passing data between states with variables › Assign field in ASL'),
      definition: machine({
        Begin: passes({ Assign: { x: 'old' }, Next: 'Both' }),
        Both: calls(
          { do: 'echo', value: 'new' },
          { Assign: { x: '{% $states.result.Payload %}' }, Output: '{% $x %}' },
        ),
      }),
      expect: { status: 'SUCCEEDED', output: 'old' },
    },
    {
      name: 'leaves the state’s output as it would be',
      source: ASSIGN,
      definition: machine({ Keep: passes({ Assign: { x: 1 }, Next: 'Out' }), Out: ends() }),
      input: { a: 1 },
      expect: { status: 'SUCCEEDED', output: { a: 1 } },
    },
    {
      name: 'evaluates expressions within objects and lists: the language’s example',
      source: language('JSONata Pass State'),
      definition: machine({
        Keep: passes({
          Assign: {
            coords: {
              'x-datum': 0.381018,
              additional: '{% $exists($states.input.moreData) ? $states.input.moreData : {} %}',
              list: ['{% 1 + 1 %}'],
            },
          },
          Next: 'Out',
        }),
        Out: ends({ Output: '{% $coords %}' }),
      }),
      expect: {
        status: 'SUCCEEDED',
        output: { 'x-datum': 0.381018, additional: {}, list: [2] },
      },
    },
    {
      name: 'overwrites, also with a value of another kind',
      source: ASSIGN,
      definition: machine({
        First: passes({ Assign: { x: { a: 1 } }, Next: 'Second' }),
        Second: passes({ Assign: { x: 'text' }, Next: 'Out' }),
        Out: ends({ Output: '{% $x %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 'text' },
    },
    {
      name: 'null is a value to assign',
      source: ASSIGN,
      definition: machine({
        First: passes({ Assign: { x: null }, Next: 'Out' }),
        Out: ends({ Output: '{% [$exists($x), $x = null] %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: [true, true] },
    },
    {
      name: 'a variable of an expression’s own is no variable of the machine',
      source: language('Expressions'),
      definition: machine({
        First: passes({ Output: '{% ($inner := 2; $inner * 2) %}', Next: 'Out' }),
        Out: ends({ Output: '{% [$states.input, $exists($inner)] %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: [4, false] },
    },
    {
      name: 'an expression’s own variable hides the machine’s only there',
      source: language('Expressions'),
      definition: machine({
        First: passes({ Assign: { x: 1 }, Next: 'Second' }),
        Second: passes({ Output: '{% ($x := 2; $x) %}', Next: 'Out' }),
        Out: ends({ Output: '{% [$states.input, $x] %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: [2, 1] },
    },
    {
      name: 'lives on through states that do not touch it',
      source: SCOPE,
      definition: machine({
        First: passes({ Assign: { x: 1 }, Next: 'Second' }),
        Second: passes({ Output: 'other', Next: 'Third' }),
        Third: { Type: 'Wait', Seconds: 0, Next: 'Out' },
        Out: ends({ Output: '{% $x %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 1 },
    },
    {
      name: 'a part of a variable cannot be assigned: refused',
      source: guide('Passing data between states with variables › Assign field in ASL'),
      definition: machine({ Out: ends({ Assign: { 'x.y': 42 } }) }),
      expect: refused,
    },
    {
      name: '$states cannot be assigned: refused',
      source: language('Reserved “states” Variable with JSONata'),
      definition: machine({ Out: ends({ Assign: { states: 1 } }) }),
      expect: refused,
    },
    {
      name: 'a name does not begin with a digit: refused',
      source: NAMES,
      definition: machine({ Out: ends({ Assign: { '1st': 1 } }) }),
      expect: refused,
    },
    {
      name: 'a name has at most 80 characters: refused',
      source: NAMES,
      definition: machine({ Out: ends({ Assign: { ['x'.repeat(81)]: 1 } }) }),
      expect: refused,
    },
    {
      name: 'Assign is no field of Succeed: refused',
      source: guide('Passing data between states with variables › Assign field in ASL'),
      definition: machine({ Done: { Type: 'Succeed', Assign: { x: 1 } } }),
      expect: refused,
    },
    {
      name: 'a variable that no state assigns does not exist',
      source: language('Variable Scope'),
      definition: outputs('{% $exists($anything) %}'),
      expect: { status: 'SUCCEEDED', output: false },
    },
  ],
};
