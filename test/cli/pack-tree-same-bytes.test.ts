import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, relative } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packTree } from '../../bin/cli/push/pack-tree.ts';
import { gnuTar, inspect, python, scratch } from '../intake/tarballs.ts';

type Made =
  | { readonly kind: 'file'; readonly content: Buffer; readonly executable: boolean }
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly to: number };

const segment = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z0-9_-][a-z0-9 ._+@'-]{0,12}$/) },
  fc.constantFrom('größe', '中文', '😀', '-', '~', 'n'.repeat(120), 'ä'.repeat(60)),
);
const content = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.constantFrom(511, 512, 513, 70_000).map((size) => new Uint8Array(size).fill(size)),
);
const made: fc.Arbitrary<Made> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('file' as const),
      content: content.map((bytes) => Buffer.from(bytes)),
      executable: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constant('folder' as const) }),
  fc.record({ kind: fc.constant('link' as const), to: fc.nat(20) }),
);
const wish = fc.tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), made);

/** Paths of a tree: what a path needs above it is a folder, and the first to have a name keeps it. */
const someTree = fc.array(wish, { minLength: 1, maxLength: 12 }).map((wishes) => {
  const paths = new Map<string, Made>([
    ['always', { kind: 'file', content: Buffer.from('here'), executable: false }],
  ]);
  for (const [segments, what] of wishes) {
    const above = segments.slice(1).map((_, i) => segments.slice(0, i + 1).join('/'));
    const path = segments.join('/');
    const free = above.every((folder) => (paths.get(folder)?.kind ?? 'folder') === 'folder');
    if (!free || paths.has(path)) continue;
    for (const folder of above) paths.set(folder, { kind: 'folder' });
    paths.set(path, what);
  }
  return paths;
});
type Paths = ReadonlyMap<string, Made>;

interface Writing {
  readonly backwards: boolean;
  readonly seconds: number;
  /** Taken from all modes; only the owner's execute bit counts. */
  readonly mask: number;
}

function write(paths: Paths, { backwards, seconds, mask }: Writing): string {
  const root = scratch();
  const names = [...paths.keys()];
  for (const [path, what] of backwards ? [...paths].reverse() : paths) {
    mkdirSync(`${root}/${what.kind === 'folder' ? path : dirname(path)}`, { recursive: true });
    if (what.kind === 'file') {
      writeFileSync(`${root}/${path}`, what.content);
      chmodSync(`${root}/${path}`, (what.executable ? 0o777 : 0o666) & ~mask);
      utimesSync(`${root}/${path}`, seconds, seconds);
    } else if (what.kind === 'link') symlinkSync(targetOf(names, path, what.to), `${root}/${path}`);
  }
  for (const [path, { kind }] of paths)
    if (kind === 'folder') chmodSync(`${root}/${path}`, 0o777 & ~mask);
  return root;
}

/** From the link's folder to some path of the tree. */
function targetOf(names: readonly string[], path: string, to: number): string {
  const name = names[to % names.length] ?? path;
  return relative(dirname(path), name === path ? 'always' : name) || '.';
}

async function pack(root: string) {
  const packed = packTree(root);
  const bytes = Buffer.concat(await packed.body.toArray());
  return { bytes, summary: packed.summary() };
}

/** All there is in a folder, as text. */
function read(root: string, folder = ''): Record<string, string> {
  return Object.assign(
    {},
    ...readdirSync(`${root}/${folder}`).map((name): Record<string, string> => {
      const path = folder === '' ? name : `${folder}/${name}`;
      const stats = lstatSync(`${root}/${path}`);
      if (stats.isSymbolicLink()) return { [path]: `-> ${readlinkSync(`${root}/${path}`)}` };
      const mode = (stats.mode & 0o7777).toString(8);
      if (stats.isDirectory()) return { [path]: `folder ${mode}`, ...read(root, path) };
      return { [path]: `${mode} ${readFileSync(`${root}/${path}`, 'base64')}` };
    }),
  );
}

const expected = (paths: Paths): Record<string, string> =>
  Object.fromEntries(
    [...paths].map(([path, what]) => {
      if (what.kind === 'folder') return [path, 'folder 755'];
      if (what.kind === 'link') return [path, `-> ${targetOf([...paths.keys()], path, what.to)}`];
      return [path, `${what.executable ? 755 : 644} ${what.content.toString('base64')}`];
    }),
  );

/** Links may make circles; those are refused, and tested elsewhere. */
const circular = (paths: Paths) =>
  [...paths].some(([path, what]) => {
    const names = [...paths.keys()];
    return (
      what.kind === 'link' && paths.get(names[what.to % names.length] ?? path)?.kind === 'link'
    );
  });
const straightTree = someTree.filter((paths) => !circular(paths));

it('the same tree gives the same bytes, whenever, in whatever order and under whatever umask it was made', async () => {
  await fc.assert(
    fc.asyncProperty(straightTree, async (paths) => {
      const here = await pack(
        write(paths, { backwards: false, seconds: 1_000_000_000, mask: 0o022 }),
      );
      const there = await pack(
        write(paths, { backwards: true, seconds: 1_700_000_000.5, mask: 0o077 }),
      );

      expect(there.summary).toEqual(here.summary);
      expect(there.bytes.equals(here.bytes)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

it('another tree gives other bytes', async () => {
  const digests = new Set<string>();
  const base = { a: 'a', b: 'b' };
  for (const made of [
    base,
    { a: 'b', b: 'a' },
    { a: 'a', c: 'b' },
    { a: 'a' },
    { a: 'ab', b: '' },
  ]) {
    const root = scratch();
    for (const [name, text] of Object.entries(made)) writeFileSync(`${root}/${name}`, text);
    digests.add((await pack(root)).summary.contentDigest);
    chmodSync(`${root}/a`, 0o755);
    digests.add((await pack(root)).summary.contentDigest);
  }

  expect(digests.size).toBe(10);
});

it('what is packed is taken in, with the same facts, and GNU tar unpacks exactly the tree', async () => {
  await fc.assert(
    fc.asyncProperty(straightTree, async (paths) => {
      const { bytes, summary } = await pack(
        write(paths, { backwards: false, seconds: 1, mask: 0 }),
      );

      expect(await inspect(bytes)).toEqual(summary);
      const unpacked = scratch();
      gnuTar(['-xpzf', '-', '-C', unpacked], bytes);
      expect(read(unpacked)).toEqual(expected(paths));
      rmSync(unpacked, { recursive: true });
    }),
    { numRuns: 12 },
  );
});

it("Python's tarfile unpacks exactly the tree", async () => {
  const [paths = new Map()] = fc.sample(straightTree, { numRuns: 1 });
  const { bytes } = await pack(write(paths, { backwards: false, seconds: 1, mask: 0 }));
  const unpacked = scratch();

  python(
    `
with tarfile.open(fileobj=sys.stdin.buffer, mode='r|gz') as t:
  t.extractall(${JSON.stringify(unpacked)}, filter='fully_trusted')`,
    bytes,
  );

  expect(read(unpacked)).toEqual(expected(paths));
});
