import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument, stringify } from 'yaml';
import { LedgerInvalid } from '../../lambdas/domain/errors.ts';
import { readKey, spliceKey } from '../../lambdas/ledger/edit-yaml.ts';
import { effort } from '../effort.ts';

const RUNS = effort(600, 2_000);

const values = `# payments in prod-wealth
replicas: 3

image:
    repository:  222222222222.dkr.ecr.eu-west-1.amazonaws.com/payments   # ours
    tag: "1041"   # set by Conveyor
env: [ {name: A, value: 'x'} ]
`;

function differingLines(before: string, after: string): number[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  expect(fresh).toHaveLength(old.length);
  return old.flatMap((line, index) => (line === fresh[index] ? [] : [index + 1]));
}

describe('spliceKey', () => {
  it('changes one line and leaves comments, blank lines, indent and quotes', () => {
    const splice = spliceKey(values, 'image.tag', '1042');

    expect(differingLines(values, splice.text)).toEqual([6]);
    expect(splice).toMatchObject({ before: '1041', after: '1042', line: 6 });
    expect(splice.text).toContain('    tag: "1042"   # set by Conveyor\n');
  });

  it('returns the very same text where the value is already so', () => {
    expect(spliceKey(values, 'image.tag', '1041').text).toBe(values);
    expect(spliceKey('tag: 1041\n', 'tag', '1041').text).toBe('tag: 1041\n');
  });

  it('keeps CRLF and a byte order mark', () => {
    const text = '\uFEFFimage:\r\n  tag: 1041\r\nb: 1\r\n';

    expect(spliceKey(text, 'image.tag', '1042').text).toBe(text.replace('1041', '1042'));
  });

  it.each([
    ['tag: 1041', '1042', 'tag: 1042'],
    ['tag: v1', 'v2', 'tag: v2'],
    ["tag: '1041'", '1042', "tag: '1042'"],
    ["tag: 'a'", "it's", "tag: 'it''s'"],
    ['tag: "1041"', 'v2', 'tag: "v2"'],
    ['tag: v1', '1042', 'tag: "1042"'],
    ['tag: 1041', '1e3', 'tag: "1e3"'],
    ['tag: 1041', '0123', 'tag: "0123"'],
    ['tag: 1041', '1_000', 'tag: "1_000"'],
    ['tag: 1041', '0x1f', 'tag: "0x1f"'],
    ['tag: v1', 'true', 'tag: "true"'],
    ['tag: v1', 'yes', 'tag: "yes"'],
    ['tag: v1', 'null', 'tag: "null"'],
    ['tag: v1', '1.10', 'tag: "1.10"'],
    ['tag: v1', '2024-01-31', 'tag: "2024-01-31"'],
    ['tag: v1', '12e4567', 'tag: "12e4567"'],
    ['tag: 1041', '1234567', 'tag: "1234567"'],
    ['tag:', '1042', 'tag: "1042"'],
    ['tag: # set by Conveyor', '1042', 'tag: "1042" # set by Conveyor'],
    ['tag: ~', 'v2', 'tag: v2'],
    ['tag: &it v1', 'v2', 'tag: &it v2'],
    ['tag: !!str 1041', '1042', 'tag: !!str "1042"'],
    ['{tag: 1041, b: 2}', '1042', '{tag: 1042, b: 2}'],
  ])('%s becomes %s as %s', (text, value, wanted) => {
    expect(spliceKey(text, 'tag', value).text).toBe(wanted);
  });

  it('reaches into lists, and into keys with a dot', () => {
    const text = 'images:\n- name: a\n  newTag: v1\nx:\n  app.kubernetes.io/version: v1\n';

    expect(spliceKey(text, 'images.0.newTag', 'v2').text).toBe(text.replace('v1', 'v2'));
    expect(spliceKey(text, 'x.app\\.kubernetes\\.io/version', 'v2').text).toMatch(/version: v2\n$/);
  });

  it.each([
    ['is not YAML', 'a: [1', 'a'],
    ['is several documents', 'tag: a\n---\ntag: b\n', 'tag'],
    ['repeats a key', 'tag: a\nb: 1\ntag: b\n', 'tag'],
    ['has a key __proto__', '__proto__: {tag: a}\n', '__proto__.tag'],
    ['has a map for a key', '{a: 1}: 2\ntag: v1\n', 'tag'],
    ['lacks the key', 'image: {}\n', 'image.tag'],
    ['has a map there', 'image: {tag: {a: 1}}\n', 'image.tag'],
    ['has an alias there', 'a: &a v1\ntag: *a\n', 'tag'],
    ['has an alias on the way', 'a: &a {tag: v1}\nimage: *a\n', 'image.tag'],
    ['uses the value elsewhere by alias', 'tag: &a v1\nb: *a\n', 'tag'],
    ['has a block there', 'tag: |\n  v1\n', 'tag'],
    ['has several lines there', 'tag: "v\n  1"\n', 'tag'],
    ['is a list', '- tag: a\n', 'tag'],
    ['is empty', '', 'tag'],
    ['has a number by tag there', 'tag: !!int "1041"\n', 'tag'],
  ])('refuses a file that %s, naming where', (_, text, key) => {
    const attempt = () => spliceKey(text, key, 'v2', 'apps/values.yaml');

    expect(attempt).toThrow(LedgerInvalid);
    expect(attempt).toThrow(/apps\/values\.yaml/);
    expect(attempt).toThrow(expect.objectContaining({ fix: expect.stringMatching(/\w/) }));
  });

  it('says where and what to write', () => {
    const attempt = () => spliceKey('image:\n  repository: x\n', 'image.tag', 'v2', 'a.yaml');

    expect(attempt).toThrow('a.yaml:2:3: image.tag is not there (no image.tag)');
  });

  it('refuses a value that would leave its line', () => {
    expect(() => spliceKey('tag: a', 'tag', 'b\nc: d')).toThrow(LedgerInvalid);
  });

  it.each([
    [
      'laughs',
      [
        'a0: &a0 [x,x]',
        ...Array.from({ length: 24 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i},*a${i}]`),
      ].join('\n'),
    ],
    ['many keys', Array.from({ length: 25_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['deep brackets', '['.repeat(100_000)],
    ['deep dashes', '- '.repeat(100_000)],
    ['too long', ' '.repeat(300_000)],
  ])('refuses a bomb of %s quickly', (_, text) => {
    const start = process.cpuUsage();

    expect(() => spliceKey(text, 'tag', 'v2')).toThrow(LedgerInvalid);
    expect(process.cpuUsage(start).user).toBeLessThan(3_000_000);
  });
});

describe('readKey', () => {
  it('reads the value as text and says where it is', () => {
    expect(readKey(values, 'image.tag')).toEqual({ value: '1041', line: 6, column: 10 });
    expect(readKey('tag: 1041', 'tag').value).toBe('1041');
  });
});

describe('any document', () => {
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const scalar = fc.oneof(
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string({ maxLength: 12 }),
    fc.double({ noNaN: true }),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalar,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(word, tie('node'), { maxKeys: 4 }),
    ),
  })).node;
  const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,19}$/);
  const document = fc.record({
    rest: fc.dictionary(word, tree, { maxKeys: 4 }),
    old: fc.oneof(tag, fc.integer({ min: 0, max: 99_999 })),
    options: fc.record({
      indent: fc.integer({ min: 2, max: 6 }),
      defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE' as const),
      collectionStyle: fc.constantFrom('any', 'block', 'flow'),
      commentString: fc.constant((text: string) => `#${text}`),
    }),
    noise: fc.array(fc.constantFrom('# note', '', '   ', '#'), { maxLength: 3 }),
    crlf: fc.boolean(),
  });

  it('differs afterwards in exactly one scalar, or is refused (T7)', () => {
    let spliced = 0;
    fc.assert(
      fc.property(document, tag, ({ rest, old, options, noise, crlf }, value) => {
        const body = stringify({ ...rest, image: { tag: old, z: 1 } }, options as object);
        const text = [...noise, body].join('\n').replaceAll('\n', crlf ? '\r\n' : '\n');

        const after = spliceKey(text, 'image.tag', value).text;

        spliced += 1;
        const expected = { ...(parse(text) as object), image: { tag: value, z: 1 } };
        const actual = parse(after) as { image: { tag: unknown } };
        actual.image.tag = String(actual.image.tag);
        expect(actual).toEqual(expected);
        expect(readKey(after, 'image.tag').value).toBe(value);
        if (after !== text) expect(differingLines(text, after)).toHaveLength(1);
      }),
      { numRuns: RUNS },
    );
    expect(spliced).toBeGreaterThanOrEqual(RUNS);
  }, 120_000);

  it('never does harm to text that only looks like YAML (T7)', () => {
    const piece = fc.constantFrom(
      'image:',
      '\n',
      '  ',
      'tag:',
      ' ',
      'v1',
      '1041',
      '"',
      "'",
      '#',
      '&a',
      '*a',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '|',
      '>',
      '!!str',
      '---',
      '? ',
      '\t',
      '\r\n',
      '<<:',
      '%',
    );
    const soup = (maxLength: number) =>
      fc.array(piece, { maxLength }).map((pieces) => pieces.join(''));
    const framed = fc
      .tuple(soup(3), soup(5))
      .map(([ahead, behind]) => `${ahead}\nimage:\n  tag: v1\n${behind}`);
    let spliced = 0;
    fc.assert(
      fc.property(fc.oneof(soup(24), framed), (text) => {
        let after: string;
        try {
          after = spliceKey(text, 'image.tag', 'v2').text;
        } catch (error) {
          expect(error).toBeInstanceOf(LedgerInvalid);
          return;
        }
        spliced += 1;
        const before = parseDocument(text);
        before.setIn(['image', 'tag'], 'v2');
        expect(parse(after, { logLevel: 'error' })).toEqual(before.toJS());
      }),
      { numRuns: effort(1_500, 3_000) },
    );
    expect(spliced).toBeGreaterThan(50);
  }, 120_000);
});
