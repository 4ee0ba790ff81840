import { once } from 'node:events';
import { chmodSync, linkSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packTree } from '../../bin/cli/push/pack-tree.ts';
import { MODIFIED_SECONDS, writeHeader } from '../../bin/cli/push/write-header.ts';
import { TarReader } from '../../lambdas/intake/tar-reader.ts';
import { gnuTar, inspect, sha256 } from '../intake/tarballs.ts';
import { LARGE, list, openFiles, pack, tree } from './pack-desk.ts';

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
