import { comesTo, jsonata, language, type Subject } from '../case.ts';

const PATHS = jsonata('Path Operators');
const NUMBERS = jsonata('Numeric Operators');
const STRINGS = jsonata('String Functions');
const HIGHER = jsonata('Higher Order Functions');
const OBJECTS = jsonata('Object Functions');
const TIMES = jsonata('Date/Time Functions');

const products = [
  { calories: 140, flavour: 'Cola', name: 'Product-1' },
  { calories: 0, flavour: 'Cola', name: 'Product-2' },
  { calories: 0, flavour: 'Lime', name: 'Product-5' },
];
const from = (input: unknown) => ({ input });

export const library: Subject = {
  subject: 'JSONata: operators and functions',
  cases: [
    comesTo('divides to fractions', NUMBERS, '7 / 2', 3.5),
    comesTo('a remainder keeps the sign of the dividend', NUMBERS, '-7 % 3', -1),
    comesTo('a whole number stays one', NUMBERS, '2.5 * 2', 5),
    comesTo(
      'keeps whole numbers up to 2^53',
      jsonata('Numeric Operators'),
      '$states.input',
      9007199254740991,
      from(9007199254740991),
    ),
    comesTo(
      'a large number is written in full where JSON can',
      NUMBERS,
      '$power(10, 15)',
      1000000000000000,
    ),
    comesTo(
      'rounds half to even',
      jsonata('Numeric Functions'),
      '[$round(11.5), $round(12.5)]',
      [12, 12],
    ),
    comesTo(
      '& makes text of anything, and of nothing an empty one',
      jsonata('String Operators'),
      "'a' & 1 & true & $nothing & null",
      'a1truenull',
    ),
    comesTo('$string writes JSON', STRINGS, "$string({'a': [1, null]})", '{"a":[1,null]}'),
    comesTo(
      '$substringBefore, $split, $join, $pad',
      STRINGS,
      "[$substringBefore('a=b', '='), $join($split('a,b', ','), '-'), $pad('7', -3, '0')]",
      ['a', 'a-b', '007'],
    ),
    comesTo(
      '$replace by a regular expression with groups',
      STRINGS,
      "$replace('265USD', /([0-9]+)USD/, '$$$1')",
      '$265',
    ),
    comesTo('$match tells where', STRINGS, "$match('ababbabbcc', /a(b+)/)[1].index", 2),
    comesTo(
      '$lookup, $keys, $merge, $spread',
      OBJECTS,
      "[$lookup($states.input, 'a'), $keys($states.input)[1], $merge([$states.input, {'a': 3}]).a, $count($spread($states.input))]",
      [1, 'b', 3, 2],
      from({ a: 1, b: 2 }),
    ),
    comesTo(
      '$map, $filter, $reduce',
      HIGHER,
      '[$sum($map($states.input, function($v) { $v * 2 })), $count($filter($states.input, function($v) { $v > 1 })), $reduce($states.input, function($a, $b) { $a - $b })]',
      [12, 2, -4],
      from([1, 2, 3]),
    ),
    comesTo(
      '$map over a list of one gives the one',
      HIGHER,
      '$map($states.input, function($v) { $v * 2 })',
      8,
      from([4]),
    ),
    comesTo(
      '$sort by a function',
      HIGHER,
      '$sort($states.input, function($a, $b) { $a.n > $b.n }).n',
      [1, 2, 3],
      from([{ n: 3 }, { n: 1 }, { n: 2 }]),
    ),
    comesTo(
      '$each and $sift go over an object',
      HIGHER,
      '[$each($states.input, function($v, $k) { $k & $v }), $sift($states.input, function($v) { $v = 1 })]',
      ['a1', 'b2', { a: 1 }],
      from({ a: 1, b: 2 }),
    ),
    comesTo(
      '5 factorial: the language’s own example',
      language('Expressions'),
      '($product := function($x, $y) {$x * $y}; $reduce([1..5], $product))',
      120,
    ),
    comesTo(
      'groups by a key',
      jsonata('Sorting, Grouping and Aggregation'),
      '$states.input{flavour: $count(name)}',
      { Cola: 2, Lime: 1 },
      from(products),
    ),
    comesTo(
      'sorts by ^',
      PATHS,
      '$states.input^(>calories, name).name',
      ['Product-1', 'Product-2', 'Product-5'],
      from(products),
    ),
    comesTo(
      'reads and writes moments',
      TIMES,
      "[$toMillis('2017-11-07T15:07:54.972Z'), $fromMillis(1510067274972)]",
      [1510067274972, '2017-11-07T15:07:54.972Z'],
    ),
    comesTo(
      'writes a moment by a picture',
      TIMES,
      "$fromMillis(1510067557121, '[M01]/[D01]/[Y0001] [h#1]:[m01][P]')",
      '11/07/2017 3:12pm',
    ),
    comesTo(
      '$now is a moment in ISO 8601',
      TIMES,
      '$contains($now(), /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{3}Z$/)',
      true,
    ),
    comesTo(
      '$now and $millis are one moment in one expression',
      TIMES,
      '$toMillis($now()) = $millis()',
      true,
    ),
    comesTo(
      'the average of grades: the language’s own example',
      language('JSONata Evaluation'),
      "{ 'avg': $average($states.input.course.grade), 'num': $count($states.input.course) }",
      { avg: 76.25, num: 4 },
      from({ course: [{ grade: 34 }, { grade: 99 }, { grade: 76 }, { grade: 96 }] }),
    ),
  ],
};
