import { ends, guide, language, machine, passes, type StateJson, type Subject } from '../case.ts';

const RULES = language('JSONata Choice Rules');
const CHOICE = language('Choice State');

/** Chooses, then says by which way and with what variables. */
const chooses = (choice: StateJson, before: StateJson = {}) =>
  machine({
    Begin: passes({ Assign: { way: 'none', ...before }, Next: 'Choose' }),
    Choose: { Type: 'Choice', ...choice },
    One: ends({ Output: { state: 'One', way: '{% $way %}', input: '{% $states.input %}' } }),
    Two: ends({ Output: { state: 'Two', way: '{% $way %}', input: '{% $states.input %}' } }),
  });
const said = (state: string, way: unknown, input: unknown = {}) => ({
  status: 'SUCCEEDED' as const,
  output: { state, way, input },
  states: ['Begin', 'Choose', state],
});

export const choice: Subject = {
  subject: 'Choice',
  cases: [
    {
      name: 'takes the first rule that is true, though a later one is so as well',
      source: RULES,
      definition: chooses({
        Choices: [
          { Condition: '{% $states.input.n > 10 %}', Next: 'One' },
          { Condition: '{% $states.input.n > 5 %}', Next: 'Two' },
          { Condition: '{% $states.input.n > 0 %}', Next: 'One' },
        ],
      }),
      input: { n: 7 },
      expect: said('Two', 'none', { n: 7 }),
    },
    {
      name: 'does not evaluate the rules after the one that is true',
      source: RULES,
      definition: chooses({
        Choices: [
          { Condition: '{% true %}', Next: 'One' },
          { Condition: '{% $states.input.n + 1 > 0 %}', Next: 'Two' },
        ],
      }),
      input: { n: 'text' },
      expect: said('One', 'none', { n: 'text' }),
    },
    {
      name: 'takes the Default when no rule is true',
      source: CHOICE,
      definition: chooses({
        Choices: [{ Condition: '{% false %}', Next: 'One' }],
        Default: 'Two',
      }),
      expect: said('Two', 'none'),
    },
    {
      name: 'fails without a Default when no rule is true',
      source: CHOICE,
      definition: chooses({
        Choices: [
          { Condition: '{% false %}', Next: 'One' },
          { Condition: '{% false %}', Next: 'Two' },
        ],
      }),
      expect: { status: 'FAILED', error: 'States.NoChoiceMatched', states: ['Begin', 'Choose'] },
    },
    {
      name: 'takes a literal true as a condition',
      source: RULES,
      definition: chooses({ Choices: [{ Condition: true, Next: 'One' }], Default: 'Two' }),
      expect: said('One', 'none'),
    },
    {
      name: 'evaluates Assign and Output of the rule it takes',
      source: RULES,
      definition: chooses({
        Choices: [
          {
            Condition: '{% true %}',
            Assign: { way: "{% 'rule ' & $states.input.n %}" },
            Output: { twice: '{% $states.input.n * 2 %}' },
            Next: 'One',
          },
        ],
        Default: 'Two',
      }),
      input: { n: 4 },
      expect: said('One', 'rule 4', { twice: 8 }),
    },
    {
      name: 'leaves the state’s own Assign and Output alone when it takes a rule',
      source: CHOICE,
      definition: chooses({
        Choices: [{ Condition: '{% true %}', Next: 'One' }],
        Assign: { way: 'state' },
        Output: 'state',
        Default: 'Two',
      }),
      input: { n: 1 },
      expect: said('One', 'none', { n: 1 }),
    },
    {
      name: 'evaluates the state’s own Assign when it takes the Default',
      source: CHOICE,
      definition: chooses({
        Choices: [{ Condition: '{% false %}', Assign: { way: 'rule' }, Next: 'One' }],
        Assign: { way: 'state' },
        Default: 'Two',
      }),
      expect: said('Two', 'state'),
    },
    {
      name: 'evaluates the state’s own Output when it takes the Default',
      source: RULES,
      definition: chooses({
        Choices: [{ Condition: '{% false %}', Next: 'One' }],
        Output: { was: '{% $states.input.n %}' },
        Default: 'Two',
      }),
      input: { n: 3 },
      expect: said('Two', 'none', { was: 3 }),
    },
    {
      name: 'sees in a rule’s Output the variables as they were before its Assign',
      source: guide(
        'Passing data between states with variables › Evaluation order in an assign field',
      ),
      definition: chooses({
        Choices: [
          { Condition: '{% true %}', Assign: { way: 'rule' }, Output: '{% $way %}', Next: 'One' },
        ],
        Default: 'Two',
      }),
      expect: said('One', 'rule', 'none'),
    },
    {
      name: 'fails when a condition comes to a string',
      source: RULES,
      definition: chooses({
        Choices: [{ Condition: "{% 'yes' %}", Next: 'One' }],
        Default: 'Two',
      }),
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    {
      name: 'fails when a condition comes to nothing',
      source: guide('Transforming data with JSONata › Handling expression errors'),
      definition: chooses({
        Choices: [{ Condition: '{% $states.input.missing %}', Next: 'One' }],
        Default: 'Two',
      }),
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    {
      name: 'fails on a broken condition even where the next would be true',
      source: RULES,
      definition: chooses({
        Choices: [
          { Condition: "{% $states.input.n < 'a' %}", Next: 'One' },
          { Condition: '{% true %}', Next: 'Two' },
        ],
      }),
      input: { n: 1 },
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    {
      name: 'finds a field that is not there equal to nothing',
      source: RULES,
      definition: chooses({
        Choices: [
          { Condition: "{% $states.input.missing = 'x' %}", Next: 'One' },
          { Condition: '{% $exists($states.input.missing) and true %}', Next: 'One' },
        ],
        Default: 'Two',
      }),
      expect: said('Two', 'none'),
    },
    {
      name: 'takes ‘and’ of a comparison and a variable for a boolean, as the promote machine does',
      source: RULES,
      definition: chooses(
        {
          Choices: [{ Condition: "{% $verdict = 'proceed' and $copies %}", Next: 'One' }],
          Default: 'Two',
        },
        { verdict: 'proceed', copies: '{% $states.input.copies %}' },
      ),
      input: { copies: false },
      expect: said('Two', 'none', { copies: false }),
    },
    {
      name: 'the language’s own example: the third rule',
      source: RULES,
      definition: machine({
        DispatchEvent: {
          Type: 'Choice',
          Choices: [
            { Condition: "{% $states.input.type != 'Private' %}", Next: 'End' },
            {
              Condition:
                "{% $exists($states.input.value) and $type($states.input.value)='number' and $states.input.value>=20 and $states.input.value<30 %}",
              Assign: { range: 'twenties' },
              Next: 'End',
            },
            {
              Condition: '{% $states.input.rating >= $states.input.auditThreshold %}',
              Output: { excess: '{% $states.input.rating - $states.input.auditThreshold %}' },
              Next: 'End',
            },
          ],
          Default: 'End',
          Assign: { range: 'default' },
        },
        End: ends(),
      }),
      input: { type: 'Private', value: 30, rating: 9, auditThreshold: 5 },
      expect: { status: 'SUCCEEDED', output: { excess: 4 } },
    },
    {
      name: 'goes round by a variable until it is enough',
      source: CHOICE,
      definition: machine({
        Begin: passes({ Assign: { n: 0 }, Next: 'Enough?' }),
        'Enough?': {
          Type: 'Choice',
          Choices: [{ Condition: '{% $n < 3 %}', Assign: { n: '{% $n + 1 %}' }, Next: 'Again' }],
          Default: 'Done',
        },
        Again: passes({ Next: 'Enough?' }),
        Done: ends({ Output: '{% $n %}' }),
      }),
      expect: {
        status: 'SUCCEEDED',
        output: 3,
        states: [
          ...['Begin', 'Enough?', 'Again', 'Enough?', 'Again', 'Enough?', 'Again', 'Enough?'],
          'Done',
        ],
      },
    },
  ],
};
