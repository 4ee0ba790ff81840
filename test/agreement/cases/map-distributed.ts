import {
  calls,
  type Definition,
  ends,
  flow,
  guide,
  language,
  machine,
  passes,
  type StateJson,
  type Subject,
} from '../case.ts';

const DISTRIBUTED = guide('Using Map state in Distributed mode');
const BATCHES = guide('ItemBatcher (Map)');
const TOLERANCE = language('Map State Failure Tolerance');
const THRESHOLD = guide('Setting failure thresholds for Distributed Map states');

const maps = (states: Readonly<Record<string, StateJson>>, more: StateJson = {}): Definition =>
  machine({
    Begin: passes({ Assign: { outer: 'o' }, Next: 'Each' }),
    Each: {
      Type: 'Map',
      Items: '{% $states.input.list %}',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        ...flow(states),
      },
      End: true,
      ...more,
    },
    Caught: ends({ Output: '{% ["caught", $states.input.Error] %}' }),
  });
const fail = {
  Call: calls(
    "{% $states.input < 0 ? {'do': 'throw', 'error': 'E'} : {'do': 'echo', 'value': $states.input} %}",
  ),
};
const caught = {
  Catch: [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], Next: 'Caught' }],
};
const exceeded = {
  status: 'SUCCEEDED',
  output: ['caught', 'States.ExceedToleratedFailureThreshold'],
} as const;

export const distributed: Subject = {
  subject: 'Map, distributed',
  cases: [
    {
      name: 'runs each item in an execution of its own, results in order',
      source: DISTRIBUTED,
      definition: maps({ Double: ends({ Output: '{% $states.input * 2 %}' }) }),
      input: { list: [1, 2, 3] },
      expect: { status: 'SUCCEEDED', output: [2, 4, 6] },
    },
    {
      name: 'of no items makes no results',
      source: DISTRIBUTED,
      definition: maps({ Out: ends() }),
      input: { list: [] },
      expect: { status: 'SUCCEEDED', output: [] },
    },
    {
      name: 'selects each item’s input',
      source: language('Processing Items'),
      definition: maps(
        { Out: ends() },
        {
          ItemSelector: {
            value: '{% $states.context.Map.Item.Value %}',
            place: '{% $states.context.Map.Item.Index %}',
          },
        },
      ),
      input: { list: ['a', 'b'] },
      expect: {
        status: 'SUCCEEDED',
        output: [
          { value: 'a', place: 0 },
          { value: 'b', place: 1 },
        ],
      },
    },
    {
      name: 'hands out batches under Items',
      source: BATCHES,
      definition: maps({ Out: ends() }, { ItemBatcher: { MaxItemsPerBatch: 2 } }),
      input: { list: ['a', 'b', 'c'] },
      expect: { status: 'SUCCEEDED', output: [{ Items: ['a', 'b'] }, { Items: ['c'] }] },
    },
    {
      name: 'adds to each batch what all have in common',
      source: BATCHES,
      definition: maps(
        { Out: ends() },
        {
          ItemBatcher: {
            MaxItemsPerBatch: '{% $states.input.size %}',
            BatchInput: { from: '{% $states.input.from %}' },
          },
        },
      ),
      input: { list: [1, 2], size: 2, from: 'dev' },
      expect: { status: 'SUCCEEDED', output: [{ Items: [1, 2], BatchInput: { from: 'dev' } }] },
    },
    {
      name: 'fails by default when one item fails',
      source: TOLERANCE,
      definition: maps(fail, caught),
      input: { list: [1, -1] },
      expect: exceeded,
    },
    {
      name: 'bears as many failures as it says',
      source: TOLERANCE,
      definition: maps(fail, {
        ToleratedFailureCount: 1,
        Output: 'borne',
        ...caught,
      }),
      input: { list: [1, -1, 3] },
      expect: { status: 'SUCCEEDED', output: 'borne' },
    },
    {
      name: 'and not one more',
      source: TOLERANCE,
      definition: maps(fail, { ToleratedFailureCount: 1, ...caught }),
      input: { list: [1, -1, -2] },
      expect: exceeded,
    },
    {
      name: 'bears a share of failures',
      source: TOLERANCE,
      definition: maps(fail, { ToleratedFailurePercentage: 50, Output: 'borne', ...caught }),
      input: { list: [1, -1] },
      expect: { status: 'SUCCEEDED', output: 'borne' },
    },
    {
      name: 'and no larger one',
      source: TOLERANCE,
      definition: maps(fail, { ToleratedFailurePercentage: 50, Output: 'borne', ...caught }),
      input: { list: [1, -1, -2] },
      expect: exceeded,
    },
    {
      name: 'fails when either of two thresholds is breached',
      source: THRESHOLD,
      definition: maps(fail, {
        ToleratedFailurePercentage: 90,
        ToleratedFailureCount: 1,
        ...caught,
      }),
      input: { list: [1, 2, -1, -2] },
      expect: exceeded,
    },
    {
      name: 'goes by Output and Assign as any map',
      source: language('Map State'),
      definition: maps({ Out: ends() }, { Output: '{% $sum($states.result) %}' }),
      input: { list: [1, 2, 3] },
      expect: { status: 'SUCCEEDED', output: 6 },
    },
  ],
};
