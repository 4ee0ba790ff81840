import {
  comesTo,
  ends,
  guide,
  jsonata,
  language,
  machine,
  outputs,
  passes,
  type Subject,
} from '../case.ts';

const SEQUENCES = jsonata('Processing › Sequences');
const PATHS = jsonata('Path Operators');
const UNDEFINED = guide('Transforming data with JSONata › Handling expression errors');
const RESTRICTED = language('JSONata Restrictions');

const products = [
  { calories: 140, flavour: 'Cola', name: 'Product-1' },
  { calories: 0, flavour: 'Cola', name: 'Product-2' },
  { calories: 0, flavour: 'Lime', name: 'Product-5' },
];
const from = (input: unknown) => ({ input });

export const expressions: Subject = {
  subject: 'JSONata',
  cases: [
    {
      name: 'the guide’s own example of a filter',
      source: guide('Transforming data with JSONata › Example: Filtering with JSONata'),
      definition: outputs({ dietProducts: '{% $states.input.products[calories=0] %}' }),
      input: { products },
      expect: { status: 'SUCCEEDED', output: { dietProducts: products.slice(1) } },
    },
    comesTo(
      'a filter with one match gives that one, not a list of it',
      SEQUENCES,
      '$states.input[calories > 100].name',
      'Product-1',
      from(products),
    ),
    comesTo(
      '[] keeps the list where there is one match',
      SEQUENCES,
      '$states.input[calories > 100][].name',
      ['Product-1'],
      from(products),
    ),
    comesTo(
      'a filter without a match gives nothing, which no output can be',
      SEQUENCES,
      '$states.input[calories > 900]',
      undefined,
      from(products),
    ),
    comesTo(
      'brackets around nothing make an empty list',
      jsonata('Array constructor'),
      '[$states.input[calories > 900]]',
      [],
      from(products),
    ),
    comesTo(
      'a path to a list of one is that list',
      SEQUENCES,
      '$states.input.list',
      [1],
      from({ list: [1] }),
    ),
    comesTo(
      'a path to an empty list is that list',
      SEQUENCES,
      '$states.input.list',
      [],
      from({ list: [] }),
    ),
    comesTo(
      'a path through a list gathers what each has, without gaps',
      PATHS,
      '$states.input.a',
      [1, 3],
      from([{ a: 1 }, { b: 2 }, { a: 3 }]),
    ),
    comesTo(
      'a path through lists of lists makes one list',
      PATHS,
      '$states.input.a',
      [1, 2, 3],
      from([{ a: [1, 2] }, { a: [3] }]),
    ),
    comesTo(
      'counts from the end with a negative index',
      PATHS,
      '$states.input[-1]',
      'c',
      from(['a', 'b', 'c']),
    ),
    comesTo(
      'an index that is not there is nothing',
      PATHS,
      '$states.input[5]',
      undefined,
      from(['a']),
    ),
    comesTo('a field that is not there is nothing', UNDEFINED, '$states.input.a.b.c', undefined),
    comesTo(
      'a constructor leaves out fields that come to nothing',
      jsonata('Object constructor'),
      "{'a': $states.input.missing, 'b': 1}",
      { b: 1 },
    ),
    {
      name: 'an object of the definition does not: it fails',
      source: UNDEFINED,
      definition: outputs({ a: '{% $states.input.missing %}', b: 1 }),
      expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
    },
    comesTo('null is a value', jsonata('JSON'), '$states.input.a', null, from({ a: null })),
    comesTo(
      'null exists',
      jsonata('Boolean Functions'),
      '$exists($states.input.a)',
      true,
      from({ a: null }),
    ),
    comesTo(
      'null in a list stays there',
      jsonata('JSON'),
      '$states.input.a',
      [null, 1],
      from([{ a: null }, { a: 1 }]),
    ),
    comesTo(
      'nothing equals nothing: never',
      jsonata('Comparison Operators'),
      '$states.input.x = $states.input.y',
      false,
    ),
    comesTo(
      'compares objects by what is in them',
      jsonata('Comparison Operators'),
      "$states.input = {'a': [1, 2]}",
      true,
      from({ a: [1, 2] }),
    ),
    comesTo(
      '‘in’ looks into a list',
      jsonata('Comparison Operators'),
      "'b' in $states.input",
      true,
      from(['a', 'b']),
    ),
    {
      name: 'a name and $ within an expression are of what is there',
      source: RESTRICTED,
      definition: machine({
        Keep: passes({ Assign: { order: [{ total: 5 }, { total: 15 }] }, Next: 'Out' }),
        Out: ends({ Output: '{% [$order[$.total > 10].total, $order[total > 10].total] %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: [15, 15] },
    },
  ],
};
