import {
  calls,
  type Definition,
  ends,
  flow,
  guide,
  language,
  machine,
  passes,
  RUN,
  type StateJson,
  type Subject,
} from '../case.ts';

const MAP = language('Map State');
const ITEMS = language('Selecting Items');
const ITEM = language('Processing Items');
const WIDTH = language('Map State concurrency');

/** A map of these states over the items, after variables were assigned; then whoever comes next says what it sees. */
export const maps = (
  states: Readonly<Record<string, StateJson>>,
  more: StateJson = {},
  then: StateJson = {},
): Definition =>
  machine({
    Begin: passes({ Assign: { outer: 'o' }, Next: 'Each' }),
    Each: {
      Type: 'Map',
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...flow(states) },
      Next: 'Then',
      ...more,
    },
    Then: ends(then),
    Caught: ends({ Output: '{% ["caught", $states.input.Error] %}' }),
  });
const double = { Double: ends({ Output: '{% $states.input * 2 %}' }) };
const list = { Items: '{% $states.input.list %}' };
const numbers = { list: [1, 2, 3] };

export const mapping: Subject = {
  subject: 'Map, inline',
  cases: [
    {
      name: 'gives the results in the order of the items',
      source: MAP,
      definition: maps(double, list),
      input: numbers,
      expect: { status: 'SUCCEEDED', output: [2, 4, 6] },
    },
    {
      name: 'in that order though a later one is done sooner',
      source: MAP,
      definition: maps(
        {
          Wait: { Type: 'Wait', Seconds: '{% $states.input %}', Next: 'Out' },
          Out: ends(),
        },
        list,
      ),
      input: { list: [2, 1, 0] },
      expect: { status: 'SUCCEEDED', output: [2, 1, 0], lasts: { from: 2, below: 2.1 } },
    },
    {
      name: 'of no items makes no results',
      source: MAP,
      definition: maps(double, list),
      input: { list: [] },
      expect: { status: 'SUCCEEDED', output: [] },
    },
    {
      name: 'of an array of one, found by a path, makes an array of one',
      source: 'docs.jsonata.org, “Processing › Sequences”',
      definition: maps(double, list),
      input: { list: [4] },
      expect: { status: 'SUCCEEDED', output: [8] },
    },
    {
      name: 'without Items takes its input',
      source: ITEMS,
      definition: machine({
        Each: { Type: 'Map', ItemProcessor: flow(double), End: true },
      }),
      input: [1, 2],
      expect: { status: 'SUCCEEDED', output: [2, 4] },
    },
    {
      name: 'takes Items as a list with expressions in it: the guide’s example',
      source: guide('Transforming data with JSONata › Writing JSONata expressions in JSON strings'),
      definition: maps(double, { Items: [1, '{% $states.input.two %}', 3] }),
      input: { two: 2 },
      expect: { status: 'SUCCEEDED', output: [2, 4, 6] },
    },
    {
      name: 'takes Items from a variable, as the sweep machine does',
      source: ITEMS,
      definition: machine({
        Begin: passes({ Assign: { plan: { sources: ['a', 'b'] } }, Next: 'Each' }),
        Each: {
          Type: 'Map',
          Items: '{% $plan.sources %}',
          ItemProcessor: flow({ Out: ends() }),
          End: true,
        },
      }),
      expect: { status: 'SUCCEEDED', output: ['a', 'b'] },
    },
    {
      name: 'fails where Items come to a string, as one match of a filter does',
      source: ITEMS,
      definition: maps(double, { Items: "{% $states.input.list[$ = 'a'] %}" }),
      input: { list: ['a', 'b'] },
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    {
      name: 'catches that its Items came to nothing',
      source: guide('Transforming data with JSONata › Handling expression errors'),
      definition: maps(double, {
        Items: '{% $states.input.missing %}',
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }],
      }),
      expect: { status: 'SUCCEEDED', output: ['caught', 'States.QueryEvaluationError'] },
    },
    {
      name: 'ItemSelector makes each input of the item, its place and the state’s input',
      source: ITEM,
      definition: maps(
        { Out: ends() },
        {
          ...list,
          ItemSelector: {
            parcel: '{% $states.context.Map.Item.Value %}',
            place: '{% $states.context.Map.Item.Index %}',
            courier: '{% $states.input.courier %}',
            outer: '{% $outer %}',
          },
        },
      ),
      input: { list: ['x', 'y'], courier: 'UQS' },
      expect: {
        status: 'SUCCEEDED',
        output: [
          { parcel: 'x', place: 0, courier: 'UQS', outer: 'o' },
          { parcel: 'y', place: 1, courier: 'UQS', outer: 'o' },
        ],
      },
    },
    {
      name: 'ItemSelector is one expression',
      source: ITEMS,
      definition: maps(
        { Out: ends() },
        { ...list, ItemSelector: '{% $states.context.Map.Item.Value & "!" %}' },
      ),
      input: { list: ['x', 'y'] },
      expect: { status: 'SUCCEEDED', output: ['x!', 'y!'] },
    },
    {
      name: 'Output and Assign see the result',
      source: MAP,
      definition: maps(
        double,
        {
          ...list,
          Output: { sum: '{% $sum($states.result) %}', of: '{% $count($states.input.list) %}' },
          Assign: { results: '{% $states.result %}' },
        },
        { Output: '{% [$states.input.sum, $states.input.of, $count($results)] %}' },
      ),
      input: numbers,
      expect: { status: 'SUCCEEDED', output: [12, 3, 3] },
    },
    {
      name: 'counts what failed within, as the sweep machine does',
      source: MAP,
      definition: maps(
        {
          Call: calls(
            "{% $states.input = 2 ? {'do': 'throw', 'error': 'E'} : {'do': 'echo', 'value': {}} %}",
            {
              Catch: [
                {
                  ErrorEquals: ['States.ALL'],
                  Output: "{% {'input': $states.input, 'failed': $states.errorOutput} %}",
                  Next: 'Noted',
                },
              ],
            },
          ),
          Noted: ends(),
        },
        {
          ...list,
          Output: '{% {} %}',
          Assign: { bad: '{% $count($states.result[$exists(failed)]) %}' },
        },
        { Output: '{% $bad %}' },
      ),
      input: numbers,
      expect: { status: 'SUCCEEDED', output: 1 },
    },
    {
      name: 'one at a time goes in order and begins none before the last is done',
      source: WIDTH,
      definition: maps(
        {
          Wait: { Type: 'Wait', Seconds: 1, Next: 'Count' },
          Count: calls({ do: 'count', key: RUN }),
        },
        { ...list, MaxConcurrency: 1 },
      ),
      input: { list: ['a', 'b', 'c'] },
      expect: { status: 'SUCCEEDED', output: [1, 2, 3], lasts: { from: 3, below: 3.1 } },
    },
    {
      name: 'so many at a time and no more',
      source: WIDTH,
      definition: maps(
        { Wait: { Type: 'Wait', Seconds: 1, End: true } },
        { ...list, MaxConcurrency: '{% $states.input.width %}' },
      ),
      input: { list: [1, 2, 3, 4], width: 2 },
      expect: { status: 'SUCCEEDED', output: [1, 2, 3, 4], lasts: { from: 2, below: 2.1 } },
    },
    {
      name: 'all at a time where it says nothing',
      source: WIDTH,
      definition: maps({ Wait: { Type: 'Wait', Seconds: 1, End: true } }, list),
      input: { list: [1, 2, 3, 4] },
      expect: { status: 'SUCCEEDED', output: [1, 2, 3, 4], lasts: { from: 1, below: 1.1 } },
    },
  ],
};
