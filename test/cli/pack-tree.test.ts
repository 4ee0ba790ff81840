import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asCannotPack, CannotPack } from '../../bin/cli/push/cannot-pack.ts';
import { type PackOptions, packTree } from '../../bin/cli/push/pack-tree.ts';
import { requireApart } from '../../bin/cli/push/require-names.ts';
import { MODIFIED_SECONDS, writeHeader } from '../../bin/cli/push/write-header.ts';
import { TarReader } from '../../lambdas/intake/tar-reader.ts';
import { gnuTar, inspect, scratch, sha256 } from '../intake/tarballs.ts';

/** A folder with this in it: text makes a file, nothing makes a folder. */
function tree(made: Readonly<Record<string, string | Buffer | undefined>>): string {
  const root = scratch();
  for (const [path, content] of Object.entries(made)) {
    const folder = content === undefined ? path : path.split('/').slice(0, -1).join('/');
    mkdirSync(`${root}/${folder}`, { recursive: true });
    if (content !== undefined) writeFileSync(`${root}/${path}`, content);
  }
  return root;
}

async function pack(root: string, options: PackOptions = {}) {
  const packed = packTree(root, options);
  const bytes = Buffer.concat(await packed.body.toArray());
  return { bytes, tar: gunzipSync(bytes), summary: packed.summary() };
}

const list = (bytes: Buffer) =>
  gnuTar(['-tzf', '-', '--quoting-style=literal'], bytes).toString('utf8').split('\n').slice(0, -1);

/** 12 MiB that do not become smaller: more than is read ahead with two blocks at once. */
const LARGE = randomFillSync(Buffer.alloc(12 * 1024 ** 2));

describe('a packed tree', () => {
  it('says what intake will find', async () => {
    const { bytes, tar, summary } = await pack(
      tree({ 'bin/run': 'run', 'lib/a': 'abc', empty: undefined }),
    );

    expect(summary).toEqual({
      digest: sha256(bytes),
      contentDigest: sha256(tar),
      bytes: bytes.length,
      entries: 5,
      unpackedBytes: 6,
    });
    expect(await inspect(bytes)).toEqual(summary);
  });

  it('is in the order of its names as UTF-8, not as JavaScript or a locale has it', async () => {
    const { bytes } = await pack(
      tree({
        'a/z': '',
        'a-b': '',
        Z: '',
        ä: '',
        '\u{1F600}': '',
        '\uFF5E': '',
        'a.b/c': '',
        b: '',
      }),
    );

    const names = ['Z', 'a-b', 'a.b/', 'a.b/c', 'a/', 'a/z', 'b', 'ä', '\uFF5E', '\u{1F600}'];
    expect(list(bytes)).toEqual(names);
  });

  it('has no owner, no time and no mode of its own but one bit', async () => {
    const root = tree({ run: '', 'secret/key': '' });
    chmodSync(`${root}/run`, 0o710);
    chmodSync(`${root}/secret/key`, 0o600);
    chmodSync(`${root}/secret`, 0o2700);

    const { bytes } = await pack(root);

    const listed = gnuTar(['-tvzf', '-', '--full-time', '--utc', '--numeric-owner'], bytes);
    const at = new Date(MODIFIED_SECONDS * 1000).toISOString().replace('T', ' ').slice(0, 19);
    expect(listed.toString().replace(/ +/g, ' ').split('\n')).toEqual([
      `-rwxr-xr-x 0/0 0 ${at} run`,
      `drwxr-xr-x 0/0 0 ${at} secret/`,
      `-rw-r--r-- 0/0 0 ${at} secret/key`,
      '',
    ]);
  });

  it('begins as gzip that names no file, no time and no system', async () => {
    const { bytes } = await pack(tree({ a: 'a' }));

    expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
  });

  it('keeps links that stay inside, and makes files of hard links', async () => {
    const root = tree({ 'releases/1/app': 'app' });
    symlinkSync('releases/1', `${root}/current`);
    symlinkSync('../../current/app', `${root}/releases/1/self`);
    symlinkSync('made/at/run/time', `${root}/later`);
    linkSync(`${root}/releases/1/app`, `${root}/again`);

    const { bytes, summary } = await pack(root);

    expect(summary).toMatchObject({ entries: 7, unpackedBytes: 6 });
    expect(await inspect(bytes)).toEqual(summary);
    expect(gnuTar(['-xzOf', '-', 'again'], bytes).toString()).toBe('app');
  });

  it('has one pax header for a path too long for ustar, and none otherwise', async () => {
    const fits = `${'p'.repeat(77)}/${'q'.repeat(77)}/${'n'.repeat(100)}`;
    const tooLong = `${'p'.repeat(77)}/${'q'.repeat(77)}/${'n'.repeat(101)}`;
    const folder = `${'d'.repeat(90)}/${'e'.repeat(90)}`;

    const short = await pack(tree({ [fits]: '', [folder]: undefined }));
    const long = await pack(tree({ [tooLong]: '', [`${folder}/ä..${'z'.repeat(200)}`]: 'z' }));

    expect(short.tar.includes('path=')).toBe(false);
    expect(long.tar.toString('latin1').match(/path=/g)).toHaveLength(2);
    for (const { bytes, summary } of [short, long]) expect(await inspect(bytes)).toEqual(summary);
    expect(list(short.bytes)).toContain(fits);
    expect(list(long.bytes)).toContain(tooLong);
  });

  it('has a pax header for a size too large for ustar', () => {
    const seen: number[] = [];
    const reader = new TarReader(({ size }) => seen.push(size));
    const header = (size: number) =>
      writeHeader({ path: 'a', kind: 'file', executable: false, size, target: '', modifiedMs: 0 });

    expect(header(8 * 1024 ** 3 - 1)).toHaveLength(512);
    reader.write(header(8 * 1024 ** 3));

    expect(seen).toEqual([8 * 1024 ** 3]);
  });

  it('leaves out what it is told to, with all that is in it', async () => {
    const root = tree({ '.git/HEAD': '', 'node_modules/a/b': '', 'src/a.map': '', 'src/a.js': '' });
    const asked: string[] = [];

    const { bytes } = await pack(root, {
      ignore: (path, kind) => {
        asked.push(`${path} ${kind}`);
        return path === '.git' || path === 'node_modules' || path.endsWith('.map');
      },
    });

    expect(list(bytes)).toEqual(['src/', 'src/a.js']);
    expect(asked).not.toContain('node_modules/a folder');
    expect(asked).toContain('src/a.map file');
  });

  it('is the same however many blocks are compressed at once, small or large, dense or not', async () => {
    const root = tree({
      dense: LARGE.subarray(0, 3_000_001),
      'x/zeros': Buffer.alloc(5_000_000),
      y: '',
    });

    const [one, two, many] = [
      await pack(root, { parallel: 1 }),
      await pack(root, { parallel: 2 }),
      await pack(root, { parallel: 8 }),
    ];

    expect(two.summary).toEqual(one.summary);
    expect(many.summary).toEqual(one.summary);
    expect(await inspect(many.bytes)).toEqual(one.summary);
    expect(one.bytes.length).toBeLessThan(3_100_000);
  });

  it('has no summary before it was read to its end, and closes its files when nobody reads on', async () => {
    const packed = packTree(tree({ a: LARGE }), { parallel: 1 });
    await once(packed.body, 'readable');
    packed.body.destroy();
    await once(packed.body, 'close');

    expect(() => packed.summary()).toThrow('has not been packed to its end');
    if (process.platform === 'linux') {
      expect(openFiles()).toContain('eventpoll');
      expect(openFiles()).not.toContain('conveyor-tar-');
    }
  });
});

const openFiles = () => spawnSync('ls', ['-l', `/proc/${process.pid}/fd`]).stdout.toString();

type Refusal = readonly [code: string, what: string, path: string, change: (root: string) => void];

const REFUSED: readonly Refusal[] = [
  [
    'absolute-link',
    'an absolute link',
    'in/link',
    (root) => symlinkSync('/etc/hosts', `${root}/in/link`),
  ],
  [
    'absolute-link',
    'an absolute link into the tree itself',
    'link',
    (root) => symlinkSync(`${root}/file`, `${root}/link`),
  ],
  [
    'outside-link',
    'a link out of the tree',
    'in/link',
    (root) => symlinkSync('../../x', `${root}/in/link`),
  ],
  [
    'outside-link',
    'a link out through another link',
    'out',
    (root) => {
      symlinkSync('..', `${root}/in/up`);
      symlinkSync('in/up/../x', `${root}/out`);
    },
  ],
  ['outside-link', 'a link to itself', 'loop', (root) => symlinkSync('loop', `${root}/loop`)],
  ['special-file', 'a pipe', 'in/pipe', (root) => spawnSync('mkfifo', [`${root}/in/pipe`])],
  ['setuid', 'a setuid file', 'in/su', (root) => special(`${root}/in/su`, 0o4755)],
  ['setuid', 'a setgid file', 'in/sg', (root) => special(`${root}/in/sg`, 0o2755)],
  ['setuid', 'a sticky file', 'in/st', (root) => special(`${root}/in/st`, 0o1644)],
  ['unsafe-name', 'a line break', 'in/a\\u{a}b', (root) => writeFileSync(`${root}/in/a\nb`, '')],
  ['unsafe-name', 'a backslash', 'in/a\\b', (root) => writeFileSync(`${root}/in/a\\b`, '')],
  [
    'unsafe-name',
    'a link target with a control character',
    'link',
    (root) => symlinkSync('a\tb', `${root}/link`),
  ],
  ['git-folder', 'a repository', '.git', (root) => mkdirSync(`${root}/.git`)],
  ['git-folder', "a worktree's .git", '.git', (root) => writeFileSync(`${root}/.git`, 'gitdir: x')],
];

/** Where the file system can hold such names at all; macOS cannot. */
const REFUSED_ON_LINUX: readonly Refusal[] = [
  [
    'unsafe-name',
    'a name that is not UTF-8',
    'in/gr\ufffd\ufffde',
    (root) => writeFileSync(Buffer.from(`${root}/in/größe`, 'latin1'), ''),
  ],
  [
    'look-alike',
    'names that differ in case',
    'in/readme',
    (root) => {
      writeFileSync(`${root}/in/README`, '');
      writeFileSync(`${root}/in/readme`, '');
    },
  ],
  ['look-alike', 'folders that differ in case', 'in', (root) => mkdirSync(`${root}/IN`)],
  [
    'look-alike',
    'names that differ in Unicode form',
    'in/\u00e9',
    (root) => {
      writeFileSync(`${root}/in/e\u0301`, '');
      writeFileSync(`${root}/in/\u00e9`, '');
    },
  ],
];

const special = (path: string, mode: number) => {
  writeFileSync(path, '');
  chmodSync(path, mode);
};

describe('a tree is refused', () => {
  it.each(process.platform === 'linux' ? [...REFUSED, ...REFUSED_ON_LINUX] : REFUSED)(
    'as %s: %s',
    (code, _, path, change) => {
      const root = tree({ file: 'file', in: undefined });
      packTree(root).body.destroy();
      change(root);

      const refusal = refusalOf(() => packTree(root));

      expect(refusal.data).toEqual({ code, path });
      expect(refusal.message).toContain(refusal.data.path);
      expect(refusal).toMatchObject({
        name: 'CannotPack',
        source: 'user',
        fix: expect.stringMatching(/\.$/),
      });
    },
  );

  it('for a socket', async () => {
    const root = tree({ file: '' });
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((listening) => server.listen(`${root}/socket`, listening));

    expect(refusalOf(() => packTree(root)).data).toEqual({ code: 'special-file', path: 'socket' });
  });

  it('without a file in it', () => {
    const root = tree({ 'a/b': undefined });
    symlinkSync('a', `${root}/link`);

    expect(refusalOf(() => packTree(root)).data.code).toBe('empty');
    expect(refusalOf(() => packTree(tree({ a: '' }), { ignore: () => true })).data.code).toBe(
      'empty',
    );
  });

  it('that is no folder, or is not there', () => {
    const root = tree({ file: '' });

    expect(refusalOf(() => packTree(`${root}/file`)).data.code).toBe('not-a-folder');
    expect(refusalOf(() => packTree(`${root}/none`)).message).toMatch(/none does not exist$/);
  });

  it.each([
    ['too-many-entries', { maxEntries: 2 }],
    ['too-many-entries', { maxNameCharacters: 2 }],
    ['too-large', { maxUnpackedBytes: 5 }],
  ])('as %s, beyond the limits of intake %o', (code, limits) => {
    const root = tree({ 'a/b': 'abc', 'a/c': 'abc' });

    expect(refusalOf(() => packTree(root, { limits })).data.code).toBe(code);
  });

  it.each([
    ['too-large', LARGE.subarray(0, 3000), { maxBytes: 2000 }],
    ['bomb', Buffer.alloc(3_000_000), { maxRatio: 20, ratioFreeBytes: 1000 }],
  ])('as %s, once it is compressed', async (code, content, limits) => {
    await expect(pack(tree({ a: content }), { limits })).rejects.toMatchObject({ data: { code } });
  });

  it('where the file system says no, and by what is no fault of the tree not at all', () => {
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    const defect = new Error('defect');

    expect(asCannotPack('a', denied)).toMatchObject({
      message: 'a cannot be read (EACCES)',
      data: { code: 'unreadable', path: 'a' },
      cause: denied,
    });
    expect(asCannotPack('a', defect)).toBe(defect);
  });

  it('for names alike, and says which', () => {
    expect(refusalOf(() => requireApart(['lib/Log.js', 'lib/log.js'])).message).toBe(
      'lib/log.js differs from lib/Log.js only in case or in how Unicode writes it: unpacked on another file system one would overwrite the other',
    );
  });
});

describe('a file is refused as changed', () => {
  it.each<[string, string, (path: string) => void]>([
    ['grows', 'z', (path) => appendFileSync(path, 'more')],
    ['shrinks', 'z', (path) => truncateSync(path, 1)],
    ['is written again', 'z', (path) => utimesSync(path, 1, 1)],
    ['is gone', 'z', (path) => rmSync(path)],
    [
      'became a link to the same',
      'z',
      (path) => {
        writeFileSync(`${path}2`, 'contents');
        rmSync(path);
        symlinkSync('z2', path);
      },
    ],
    [
      'became a pipe',
      'z',
      (path) => {
        rmSync(path);
        spawnSync('mkfifo', [path]);
      },
    ],
    ['grows while it is read', 'a', (path) => appendFileSync(path, 'more')],
    ['shrinks while it is read', 'a', (path) => truncateSync(path, 11 * 1024 ** 2)],
  ])('that %s', async (_, name, change) => {
    const root = tree({ a: LARGE, z: 'contents' });
    const packed = packTree(root, { parallel: 1 });

    const reading = (async () => {
      let first = true;
      for await (const _ of packed.body) {
        if (first) change(`${root}/${name}`);
        first = false;
      }
    })();

    await expect(reading).rejects.toMatchObject({
      name: 'CannotPack',
      data: { code: 'changed', path: name },
    });
    expect(() => packed.summary()).toThrow();
  });
});

function refusalOf(act: () => unknown): CannotPack {
  try {
    act();
  } catch (error) {
    if (error instanceof CannotPack) return error;
    throw error;
  }
  throw new Error('It was packed');
}
