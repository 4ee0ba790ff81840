import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { LedgerInvalid } from '../../lambdas/domain/errors.ts';
import { hostsIn, spliceHosts } from '../../lambdas/ledger/hosts-edit.ts';
import { planEdits } from '../../lambdas/ledger/plan-edits.ts';
import { effort } from '../effort.ts';

const RUNS = effort(250, 800);

const path = 'manifest.prod.yaml';
const key = 'relay.hosts';
const sha = (letter: string) => letter.repeat(40);
const instance = (n: number) => `i-${n.toString(16).padStart(17, '0')}`;
const [one, two, three] = [instance(1), instance(2), instance(3)];

function splice(
  text: string,
  hosts: Record<string, string | undefined>,
  others: 'kept' | 'dropped' = 'dropped',
) {
  return spliceHosts(text, { path, key, hosts: new Map(Object.entries(hosts)), others });
}

describe('what each host runs', () => {
  const manifest = `# prod: written by Conveyor
pricing:
  version: "4812"   # one of four

relay:
  version: "${sha('b')}"
  hosts:
    ${one}: "${sha('a')}"
    ${two}: "${sha('a')}"
  # below the hosts
tail: [1, 2]   # last
`;

  it('is replaced as one block, and nothing else changes', () => {
    const after = splice(manifest, { [three]: sha('b'), [one]: sha('b') });

    expect(after.text).toBe(
      manifest
        .replace(`${one}: "${sha('a')}"`, `${one}: "${sha('b')}"`)
        .replace(`${two}: "${sha('a')}"`, `${three}: "${sha('b')}"`),
    );
    expect(after).toMatchObject({
      line: 7,
      before: '2 on aaaaaaaaaaaa',
      after: '2 on bbbbbbbbbbbb',
    });
  });

  it('keeps what it says of others, where only some hosts were brought', () => {
    const after = splice(manifest, { [two]: sha('b') }, 'kept');

    expect(after.text).toBe(manifest.replace(`${two}: "${sha('a')}"`, `${two}: "${sha('b')}"`));
    expect(after.after).toBe('1 on aaaaaaaaaaaa, 1 on bbbbbbbbbbbb');
  });

  it('claims nothing of a host that does not answer', () => {
    const after = splice(manifest, { [one]: sha('b'), [two]: undefined }, 'kept');

    expect(hostsIn(after.text, key, path)).toEqual(new Map([[one, sha('b')]]));
  });

  it('is left alone where it says so already', () => {
    const hosts = { [two]: sha('a'), [one]: sha('a') };

    expect(splice(manifest, hosts).text).toBe(manifest);
  });

  it('says {} where no host runs anything', () => {
    expect(parse(splice(manifest, {}).text)).toMatchObject({ relay: { hosts: {} } });
  });

  it.each([
    ['the service has no hosts yet', `relay:\n  version: "x" # c\nother: 1\n`],
    ['the service is not there', 'other:\n  - 1\n# end\n'],
    ['the file is empty', ''],
    ['the file is a comment without a line end', '# ours'],
    ['the file is an empty mapping', '{}\n'],
    ['the service says nothing', 'relay:   # soon\nother: 1\n'],
    ['the hosts are written in braces', `relay:\n  hosts: {${one}: x} # c\n  z: 1\n`],
    ['the lines end as on Windows', 'relay:\r\n    version: x\r\nother: 1\r\n'],
    ['the block is the last line, without an end', `relay:\n  hosts:\n    ${one}: x`],
    ['a text of several lines stands before', 'relay:\n  note: |\n    a\n\n    b\n'],
  ])('is put there where %s', (_, text) => {
    const hosts = { [one]: sha('a'), [two]: '1e5' };

    const { text: after } = splice(text, hosts);

    const before = (parse(text) ?? {}) as { relay?: object };
    expect(parse(after)).toEqual({ ...before, relay: { ...before.relay, hosts } });
    for (const comment of text.match(/#.*$/gm) ?? []) expect(after).toContain(comment.trim());
    if (text.includes('\r')) expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it.each([
    ['is one value', 'relay:\n  hosts: 3\n'],
    ['holds mappings', 'relay:\n  hosts:\n    web: {a: 1}\n'],
    ['is a list', 'relay:\n  hosts: [a]\n'],
    ['lies in braces', 'relay: {version: x}\n'],
    ['lies behind an alias', 'a: &x\n  b: 1\nrelay: *x\n'],
    ['has an anchor that somebody uses', `relay:\n  hosts: &h\n    ${one}: x\nother: *h\n`],
  ])('is refused, and nothing overwritten, where it %s', (_, text) => {
    expect(() => splice(text, { [one]: 'b' })).toThrow(LedgerInvalid);
  });

  it('has room for 5,000 hosts in one file, and says what to do where it has not', () => {
    const fleet = (n: number) =>
      new Map(Array.from({ length: n }, (_, i) => [instance(i), sha('a')] as const));
    const edit = { path, key, others: 'dropped' as const };

    const { text, after } = spliceHosts(manifest, { ...edit, hosts: fleet(5_000) });

    expect(hostsIn(text, key, path).size).toBe(5_000);
    expect(after).toBe('5000 on aaaaaaaaaaaa');
    expect(() => spliceHosts(manifest, { ...edit, hosts: fleet(8_000) })).toThrow(
      'at most 480000 are read',
    );
  });

  it('goes into the same plan as the version, which is put there as well', () => {
    const plan = planEdits(new Map([[path, 'pricing:\n  version: "1"\n']]), [
      { path, key: 'relay.version', value: sha('b'), insert: true },
      { path, key, hosts: new Map([[one, sha('b')]]), others: 'dropped' },
    ]);

    expect(parse(plan.files.get(path) ?? '')).toEqual({
      pricing: { version: '1' },
      relay: { version: sha('b'), hosts: { [one]: sha('b') } },
    });
    expect(plan.changes).toEqual([
      { path, key: 'relay.version', line: 4, before: '', after: sha('b') },
      { path, key, line: 5, before: '', after: '1 on bbbbbbbbbbbb' },
    ]);
  });
});

describe('any manifest', () => {
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const scalar = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.string());
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(word, tie('node'), { maxKeys: 4 }),
    ),
  })).node;
  const version = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,19}$/);
  const hosts = fc.dictionary(
    fc.integer({ min: 0, max: 9 }).map(instance),
    fc.option(version, { nil: undefined }),
  );
  const document = fc.record({
    rest: fc.dictionary(word, tree, { maxKeys: 4 }),
    relay: fc.option(
      fc.record(
        {
          first: tree,
          hosts: fc.dictionary(
            hosts.map(() => one),
            version,
          ),
          last: tree,
        },
        {
          requiredKeys: [],
        },
      ),
      { nil: undefined },
    ),
    options: fc.record({
      indent: fc.integer({ min: 2, max: 6 }),
      defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE' as const),
      collectionStyle: fc.constantFrom('any', 'block', 'flow'),
    }),
    noise: fc.array(fc.constantFrom('# note', '', '   ', '#'), { maxLength: 3 }),
    crlf: fc.boolean(),
    end: fc.boolean(),
  });

  it('says afterwards what the hosts run and else what it said, every other line as it was, or is refused', () => {
    let written = 0;
    fc.assert(
      fc.property(document, hosts, fc.boolean(), (it, seen, keeps) => {
        const body = stringify(
          { ...it.rest, ...(it.relay && { relay: it.relay }) },
          it.options as object,
        );
        const lines = [...it.noise, it.end ? body : body.trimEnd()].join('\n');
        const text = it.crlf ? lines.replaceAll('\n', '\r\n') : lines;
        let after: string;
        try {
          after = splice(text, seen, keeps ? 'kept' : 'dropped').text;
        } catch (error) {
          expect(error).toBeInstanceOf(LedgerInvalid);
          expect(it.options.collectionStyle === 'flow' || text.includes('{')).toBe(true);
          return;
        }
        written += 1;

        const before = (parse(text) ?? {}) as { relay?: { hosts?: Record<string, unknown> } };
        const known = before.relay?.hosts ?? {};
        const wanted = Object.fromEntries(
          Object.entries({ ...(keeps ? known : {}), ...seen })
            .filter(([, runs]) => runs !== undefined)
            .map(([host, runs]) => [host, String(runs)]),
        );
        const said = Object.fromEntries(hostsIn(after, key, path));
        expect(said).toEqual(wanted);
        const { hosts: _, ...others } = before.relay ?? {};
        const { relay: read, ...rest } = (parse(after) ?? {}) as typeof before;
        const { hosts: __, ...same } = read ?? {};
        expect({ ...rest, relay: same }).toEqual({ ...before, relay: others });
        const remains = text.split(/\r?\n/).filter((line) => !/i-0|hosts/.test(line));
        const gone = remains.filter((line) => !after.split(/\r?\n/).includes(line));
        // `relay: {}` and `{}` make way for lines.
        expect(gone.filter((line) => !/^(?:"?relay"?|'relay'):? ?|^ *\{\}$/.test(line))).toEqual(
          [],
        );
        expect(splice(after, seen, keeps ? 'kept' : 'dropped').text).toBe(after);
      }),
      { numRuns: RUNS },
    );
    expect(written).toBeGreaterThan(RUNS / 2);
  }, 120_000);
});
