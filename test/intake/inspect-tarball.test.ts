import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inspectTarball } from '../../lambdas/intake/inspect-tarball.ts';
import {
  chunked,
  END,
  entry,
  gnuLong,
  gnuTar,
  inspect,
  pax,
  python,
  scratch,
  sha256,
  tarball,
} from './tarballs.ts';

const LONG = `${'deep/'.repeat(30)}${'n'.repeat(120)}`;

/** 6 files, one of them under two names, 3 folders and those of LONG, 2 links; what every format can say. */
function service(): string {
  const root = scratch();
  for (const folder of ['bin', 'lib', 'empty']) mkdirSync(`${root}/${folder}`);
  writeFileSync(`${root}/bin/run`, '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(`${root}/bin/nothing`, '');
  writeFileSync(`${root}/lib/größe €😀.txt`, 'utf-8');
  writeFileSync(`${root}/lib/data`, Buffer.alloc(100_000, 'data'));
  linkSync(`${root}/lib/data`, `${root}/lib/same`);
  symlinkSync('../lib/data', `${root}/bin/data`);
  symlinkSync('lib', `${root}/current`);
  return root;
}

const ENTRIES = 10;
const BYTES = 10 + 5 + 100_000;

describe('a tarball', () => {
  it.each(['gnu', 'pax', 'ustar', 'v7'])('of GNU tar in %s format is taken in', async (format) => {
    const bytes = gnuTar(['-czf', '-', `--format=${format}`, '-C', service(), '.']);

    expect(await inspect(bytes)).toEqual({
      digest: sha256(bytes),
      bytes: bytes.length,
      contentDigest: sha256(gunzipSync(bytes)),
      entries: ENTRIES,
      unpackedBytes: BYTES,
    });
  });

  it.each(['gnu', 'pax'])(
    'of GNU tar in %s format may have long names and targets',
    async (format) => {
      const root = scratch();
      mkdirSync(`${root}/${'deep/'.repeat(30)}`, { recursive: true });
      writeFileSync(`${root}/${LONG}`, 'long');
      symlinkSync(LONG, `${root}/link`);

      const bytes = gnuTar(['-czf', '-', `--format=${format}`, '-C', root, 'deep', 'link']);

      expect(await inspect(bytes)).toMatchObject({ entries: 32, unpackedBytes: 4 });
    },
  );

  it.each(['GNU_FORMAT', 'PAX_FORMAT', 'USTAR_FORMAT'])(
    "of Python's tarfile in %s is taken in",
    async (format) => {
      const bytes = python(`
with tarfile.open(fileobj=out, mode='w|gz', format=tarfile.${format}) as t:
  t.add(${JSON.stringify(service())}, '.')`);

      expect(await inspect(bytes)).toMatchObject({ entries: ENTRIES, unpackedBytes: BYTES });
    },
  );

  it('may begin with a global header, as git archive writes it', async () => {
    const commit = pax({ comment: 'f'.repeat(40) }, 'g');

    expect(await inspect(tarball(commit, entry({})))).toMatchObject({ entries: 1 });
  });

  it('may be laid out as bsdtar does: attributes, times, and folders after what is in them', async () => {
    const bytes = tarball(
      entry({ name: 'app/._run', content: 'AppleDouble' }),
      pax({ 'LIBARCHIVE.xattr.user.origin': 'aGVyZQ', mtime: '1767225600.5', uname: 'jürgen' }),
      entry({ name: 'app/run', content: 'run' }),
      entry({ name: 'app/', type: '5', mode: 0o755 }),
    );

    expect(await inspect(bytes)).toMatchObject({ entries: 3, unpackedBytes: 14 });
  });

  it('may have a size that only the longer forms can say', async () => {
    const base256 = Buffer.concat([Buffer.from([0x80]), Buffer.alloc(10), Buffer.from([3])]);
    const bytes = tarball(
      pax({ size: '5' }),
      entry({ name: 'a', content: 'abcde', size: 0 }),
      entry({ name: 'b', content: 'abc', size: base256, magic: 'ustar  \0' }),
    );

    expect(await inspect(bytes)).toMatchObject({ entries: 2, unpackedBytes: 8 });
  });

  it('may be gzip of several members, cut anywhere, of any level', async () => {
    const tar = Buffer.concat([entry({ content: 'contents' }), END]);
    const bytes = Buffer.concat([
      gzipSync(tar.subarray(0, 700), { level: 0 }),
      gzipSync(Buffer.alloc(0)),
      gzipSync(tar.subarray(700), { level: 9 }),
    ]);

    expect(await inspect(bytes)).toMatchObject({ contentDigest: sha256(tar), unpackedBytes: 8 });
  });

  it('is the same in chunks of any size', async () => {
    const bytes = Buffer.concat([
      tarball(gnuLong('L', LONG), entry({ name: 'cut', content: Buffer.alloc(3000, 'x') })),
    ]);
    const whole = await inspect(bytes);

    for (const size of [1, 2, 7, 511, 513]) expect(await inspect(bytes, {}, size)).toEqual(whole);
  });

  it('may have links that stay inside, also through links and to what comes later', async () => {
    const link = (name: string, to: string) => entry({ name, type: '2', link: to });
    const bytes = tarball(
      link('current', 'releases/2'),
      link('releases/latest', '../current'),
      link('a/b/up', '../../releases'),
      link('conf', 'a/b/up/1/../2/conf'),
      entry({ name: 'releases/2/conf' }),
      link('dangling', 'made/at/run/time'),
    );

    expect(await inspect(bytes)).toMatchObject({ entries: 6 });
  });

  it('may have a hard link to a link, which leads where that leads', async () => {
    const bytes = tarball(
      entry({ name: 'file' }),
      entry({ name: 'a', type: '2', link: 'file' }),
      entry({ name: 'b', type: '1', link: 'a' }),
    );

    expect(await inspect(bytes)).toMatchObject({ entries: 3 });
  });
});

describe('reading an upload', () => {
  it('that fails on its way fails with what the source said', async () => {
    async function* cut() {
      yield* chunked(tarball(entry({})).subarray(0, 40));
      throw new Error('socket hang up');
    }

    await expect(inspectTarball(cut())).rejects.toThrow('socket hang up');
  });

  it('ends with the first reason to refuse, and does not wait for a source that hangs', async () => {
    async function* hanging() {
      yield Buffer.from('no gzip');
      await new Promise(() => {});
    }

    await expect(inspectTarball(hanging())).rejects.toMatchObject({ data: { code: 'not-gzip' } });
  });
});
