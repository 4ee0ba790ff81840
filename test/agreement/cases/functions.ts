import { comesTo, ends, guide, machine, outputs, passes, type Subject } from '../case.ts';

const OWN = guide('Transforming data with JSONata › JSONata functions provided by Step Functions');

const sha = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9';

export const functions: Subject = {
  subject: 'Functions of Step Functions',
  cases: [
    comesTo(
      '$partition: the guide’s example',
      OWN,
      '$partition([1,2,3,4], $states.input.chunkSize)',
      [
        [1, 2],
        [3, 4],
      ],
      { input: { chunkSize: 2 } },
    ),
    comesTo('$partition leaves the rest in a shorter one', OWN, '$partition([1..9], 4)', [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9],
    ]),
    comesTo('$partition rounds the size down', OWN, '$partition([1,2,3,4], 3.7)', [[1, 2, 3], [4]]),
    comesTo('$partition wants a size above 0', OWN, '$partition([1,2], 0)'),
    comesTo('$range: the guide’s example', OWN, '$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]),
    comesTo('$range goes down by a negative step', OWN, '$range(3, 0, -1)', [3, 2, 1, 0]),
    comesTo('$range ends before it would go beyond', OWN, '$range(0, 5, 3)', [0, 3]),
    comesTo('$range rounds its numbers down', OWN, '$range(0.9, 4.9, 2.9)', [0, 2, 4]),
    comesTo('$range wants a step that is not 0', OWN, '$range(0, 1, 0)'),
    comesTo('$hash by SHA-256', OWN, "$hash('hello world', 'SHA-256')", sha),
    comesTo('$hash by MD5', OWN, "$hash('hello world', 'MD5')", '5eb63bbbe01eeed093cb22bb8f5acdc3'),
    comesTo(
      '$hash by SHA-1',
      OWN,
      "$hash('hello world', 'SHA-1')",
      '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed',
    ),
    comesTo(
      '$hash knows SHA-384 and SHA-512',
      OWN,
      "[$length($hash('a', 'SHA-384')), $length($hash('a', 'SHA-512'))]",
      [96, 128],
    ),
    comesTo('$hash knows no other', OWN, "$hash('hello world', 'SHA-3')"),
    comesTo('$hash is of UTF-8', OWN, "$hash('ü', 'MD5')", 'c03410a5204b21cd8229ff754688d743'),
    comesTo('$random is from 0 up to 1', OWN, '($r := $random(); $r >= 0 and $r < 1)', true),
    comesTo('$random of one seed is one number', OWN, '$random(42) = $random(42)', true),
    comesTo(
      '$random of a seed is from 0 up to 1',
      OWN,
      '($r := $random(7); $r >= 0 and $r < 1)',
      true,
    ),
    comesTo(
      '$uuid is a v4 UUID',
      OWN,
      '$contains($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)',
      true,
    ),
    comesTo('$uuid is another each time', OWN, '$uuid() != $uuid()', true),
    comesTo(
      '$parse reads JSON',
      OWN,
      '$parse($states.input.json_string)',
      { a: [1, null, 'x'] },
      { input: { json_string: '{"a":[1,null,"x"]}' } },
    ),
    comesTo('$parse of a number in text', OWN, "$parse('42')", 42),
    comesTo('$parse of what is no JSON fails', OWN, "$parse('{a')"),
    comesTo(
      '$parse and $string undo each other',
      OWN,
      '$parse($string($states.input)) = $states.input',
      true,
      { input: { a: { b: [1.5] } } },
    ),
    comesTo('$eval is not supported', OWN, "$eval('1 + 1')"),
    {
      name: 'they are there in Assign and in conditions, too',
      source: OWN,
      definition: machine({
        Keep: passes({ Assign: { parts: '{% $partition([1..3], 2) %}' }, Next: 'Choose' }),
        Choose: {
          Type: 'Choice',
          Choices: [{ Condition: "{% $hash('a', 'MD5') = $hash('a', 'MD5') %}", Next: 'Out' }],
        },
        Out: ends({ Output: '{% $parts %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: [[1, 2], [3]] },
    },
    {
      name: 'a chain of them',
      source: OWN,
      definition: outputs({ parts: '{% $count($partition($range(1, 10, 1), 3)) %}' }),
      expect: { status: 'SUCCEEDED', output: { parts: 4 } },
    },
  ],
};
