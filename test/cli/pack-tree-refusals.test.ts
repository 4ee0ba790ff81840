import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asCannotPack } from '../../bin/cli/push/cannot-pack.ts';
import { packTree } from '../../bin/cli/push/pack-tree.ts';
import { requireApart } from '../../bin/cli/push/require-names.ts';
import { LARGE, pack, refusalOf, tree } from './pack-desk.ts';

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
