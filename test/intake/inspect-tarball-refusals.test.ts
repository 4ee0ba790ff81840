import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inspectTarball } from '../../lambdas/intake/inspect-tarball.ts';
import { ARTIFACT_DEFECTS, type ArtifactDefect } from '../../lambdas/intake/invalid-artifact.ts';
import type { TarballLimits } from '../../lambdas/intake/tarball-limits.ts';
import {
  defectOf,
  END,
  entry,
  gnuLong,
  gnuTar,
  type HandMade,
  inspect,
  pax,
  python,
  refusalOf,
  scratch,
  tarball,
} from './tarballs.ts';

const file = (name: string, made: HandMade = {}) => entry({ name, ...made });
const link = (name: string, to: string) => entry({ name, type: '2', link: to });
const hardLink = (name: string, to: string) => entry({ name, type: '1', link: to });
const folder = (name: string) => entry({ name, type: '5', mode: 0o755 });
const random = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff));

/** A member of Python's tarfile with these attributes, then a file. */
const tarinfo = (attributes: Record<string, string>, format = 'PAX_FORMAT') =>
  python(`
with tarfile.open(fileobj=out, mode='w|gz', format=tarfile.${format}) as t:
  m = tarfile.TarInfo('member')
  ${Object.entries(attributes)
    .map(([key, value]) => `m.${key} = ${value}`)
    .join('; ')}
  t.addfile(m)
  t.addfile(tarfile.TarInfo('file'))`);

/** A folder of one file, packed by GNU tar with these arguments after something was done to it. */
function gnu(args: readonly string[], change: (root: string) => void = () => {}): Buffer {
  const root = scratch();
  mkdirSync(`${root}/in`);
  writeFileSync(`${root}/in/file`, 'contents');
  change(`${root}/in`);
  return gnuTar(['-C', root, '-czf', '-', ...args]);
}

type Case = readonly [ArtifactDefect, string, () => Buffer];

const GZIP: readonly Case[] = [
  ['empty', 'no bytes at all', () => Buffer.alloc(0)],
  ['empty', 'gzip of nothing', () => gzipSync('')],
  ['empty', 'an archive of no entries', () => tarball()],
  ['empty', 'folders and links, and no file', () => tarball(folder('a/'), link('b', 'a'))],
  ['not-gzip', 'a tar archive that was not compressed', () => Buffer.concat([file('a'), END])],
  ['not-gzip', 'a ZIP file', () => Buffer.from('PK\x03\x04')],
  ['not-gzip', 'two bytes, of which one is wrong', () => Buffer.from([0x1f, 0])],
  ['truncated', 'the beginning of gzip', () => Buffer.from([0x1f, 0x8b])],
  ['truncated', 'gzip without its last byte', () => tarball(file('a')).subarray(0, -1)],
  [
    'truncated',
    'a member after which another begins',
    () => Buffer.concat([tarball(file('a')), tarball(file('b')).subarray(0, 6)]),
  ],
  [
    'corrupt',
    'gzip with another checksum',
    () => {
      const bytes = tarball(file('a'));
      bytes.writeUInt32LE(0, bytes.length - 8);
      return bytes;
    },
  ],
  [
    'trailing-garbage',
    'text after gzip',
    () => Buffer.concat([tarball(file('a')), Buffer.from('xy')]),
  ],
  [
    'trailing-garbage',
    'zeros after gzip',
    () => Buffer.concat([tarball(file('a')), Buffer.alloc(9)]),
  ],
  [
    'trailing-garbage',
    'zeros and another tarball',
    () => Buffer.concat([tarball(file('a')), Buffer.alloc(1), tarball(file('b'))]),
  ],
  [
    'trailing-garbage',
    'a second archive in the same tarball',
    () => tarball(file('a'), END, file('b')),
  ],
  [
    'trailing-garbage',
    'an entry behind a single empty block',
    () => tarball(file('a'), Buffer.alloc(512), file('b')),
  ],
];

const TAR: readonly Case[] = [
  ['not-tar', 'gzip of text', () => gzipSync('x'.repeat(2000))],
  ['not-tar', 'gzip of less than a header', () => gzipSync('short')],
  ['truncated', 'an archive without its end', () => gzipSync(file('a', { content: 'abc' }))],
  [
    'truncated',
    'an archive with half of its end',
    () => gzipSync(Buffer.concat([file('a'), Buffer.alloc(512)])),
  ],
  [
    'truncated',
    'an archive cut off inside a file',
    () => gzipSync(file('a', { content: random }).subarray(0, 2000)),
  ],
  [
    'truncated',
    'an archive cut off inside a long name',
    () => gzipSync(gnuLong('L', 'n'.repeat(900)).subarray(0, 1000)),
  ],
  ['truncated', 'a long name of no entry', () => tarball(gnuLong('L', 'name'))],
  [
    'corrupt',
    'a later header with another checksum',
    () => tarball(file('a'), file('b', { spoil: (header) => header.write('c') })),
  ],
  ['corrupt', 'a size in letters', () => tarball(file('a', { size: '0000000000z' }))],
  [
    'corrupt',
    'a size with digits behind a NUL',
    () => tarball(file('a', { size: '\x0000000000010' })),
  ],
  ['corrupt', 'a negative size', () => tarball(file('a', { size: Buffer.alloc(12, 0xff) }))],
  [
    'corrupt',
    'a size beyond all numbers',
    () =>
      tarball(file('a', { size: Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11, 0xff)]) })),
  ],
  [
    'corrupt',
    'a pax record of another length',
    () => tarball(entry({ type: 'x', content: '12 path=ab\n' }), file('a')),
  ],
  [
    'corrupt',
    'a pax record without =',
    () => tarball(entry({ type: 'x', content: '8 path \n' }), file('a')),
  ],
  ['corrupt', 'a pax size in letters', () => tarball(pax({ size: 'many' }), file('a'))],
  [
    'unsupported',
    'a sparse file of GNU tar',
    () => gnu(['--sparse', '--format=gnu', 'in'], (root) => makeHoles(`${root}/holes`)),
  ],
  [
    'unsupported',
    'a sparse file of GNU tar in pax format',
    () => gnu(['--sparse', '--format=pax', 'in'], (root) => makeHoles(`${root}/holes`)),
  ],
  [
    'unsupported',
    "GNU tar's incremental archive",
    () => gnu(['--format=gnu', `--listed-incremental=${scratch()}/snapshot`, 'in']),
  ],
  ['unsupported', 'an unknown type', () => tarinfo({ type: "b'Z'" })],
  ['unsupported', 'a folder with contents', () => tarball(entry({ type: '5', content: 'x' }))],
  [
    'unsupported',
    'a link with contents',
    () => tarball(entry({ type: '2', link: 'a', content: 'x' })),
  ],
  ['unsupported', 'a file whose name ends in a slash', () => tarball(file('a/'))],
  [
    'unsupported',
    'a prefix in a header that has none',
    () => tarball(file('a', { magic: 'ustar  \0', prefix: '../..' })),
  ],
  [
    'unsupported',
    'two pax headers for one entry',
    () => tarball(pax({ path: 'a' }), pax({ path: 'b' }), file('c')),
  ],
  [
    'unsupported',
    'a pax and a GNU name for one entry',
    () => tarball(pax({ path: 'a' }), gnuLong('L', 'b'), file('c')),
  ],
  [
    'unsupported',
    'two GNU names for one entry',
    () => tarball(gnuLong('L', 'a'), gnuLong('L', 'b'), file('c')),
  ],
  [
    'unsupported',
    'one path said twice in a pax header',
    () => tarball(entry({ type: 'x', content: '9 path=a\n9 path=b\n' }), file('c')),
  ],
  ['unsupported', 'a path for all entries', () => tarball(pax({ path: 'a' }, 'g'), file('b'))],
  [
    'unsupported',
    'a global header between another and its entry',
    () => tarball(pax({ path: 'a' }), pax({ comment: 'c' }, 'g'), file('b')),
  ],
  [
    'unsupported',
    'an extended header of 2 MiB',
    () => tarball(entry({ type: 'x', content: Buffer.alloc(2 * 1024 ** 2, 'x') }), file('a')),
  ],
];

const NAMES: readonly Case[] = [
  [
    'absolute-path',
    'an absolute path of GNU tar',
    () => gnu(['-P', '--transform=s,^in,/srv/in,', 'in']),
  ],
  [
    'absolute-path',
    'an absolute path in a pax header',
    () => tarball(pax({ path: '/etc/x' }), file('x')),
  ],
  ['absolute-path', 'an absolute GNU long name', () => tarball(gnuLong('L', '/etc/x'), file('x'))],
  [
    'absolute-path',
    'an absolute path beside a relative one',
    () => tarball(pax({ path: 'x' }), file('/etc/x')),
  ],
  ['traversal', '.. in a path of GNU tar', () => gnu(['-P', '--transform=s,^in,../in,', 'in'])],
  ['traversal', '.. in the middle of a path', () => tarball(file('a/../../b'))],
  ['traversal', '.. in a prefix', () => tarball(file('b', { prefix: 'a/../..' }))],
  ['traversal', ".. in a pax path of Python's tarfile", () => tarinfo({ name: "'ü/../../x'" })],
  [
    'traversal',
    '.. in a GNU long name',
    () => tarinfo({ name: "'a/' * 60 + '../' * 70 + 'x'" }, 'GNU_FORMAT'),
  ],
  ['traversal', '.. in a hard link', () => tarball(file('a'), hardLink('b', 'c/../../a'))],
  [
    'traversal',
    '.. in a pax link target of a hard link',
    () => tarball(file('a'), pax({ linkpath: '../a' }), hardLink('b', 'a')),
  ],
  [
    'traversal',
    '.. in a GNU long link target of a hard link',
    () => tarball(file('a'), gnuLong('K', '../a'), hardLink('b', 'a')),
  ],
  ['traversal', '.. beside a path without', () => tarball(pax({ path: 'x' }), file('../x'))],
  ['unsafe-name', 'a line break', () => tarball(file('a\nb'))],
  ['unsafe-name', 'an escape sequence', () => tarball(file('\x1b[2Ja'))],
  ['unsafe-name', 'a C1 control character', () => tarball(file('a\u009bb'))],
  ['unsafe-name', 'text turned from right to left', () => tarball(file('a\u202egpj.exe'))],
  ['unsafe-name', 'a backslash', () => tarball(file('..\\..\\a'))],
  ['unsafe-name', 'a NUL in a pax path', () => tarball(pax({ path: 'a\0b' }), file('x'))],
  ['unsafe-name', 'a NUL in a GNU long name', () => tarball(gnuLong('L', 'a\0b'), file('x'))],
  ['unsafe-name', 'Latin-1', () => tarball(file('x', { name: Buffer.from('größe', 'latin1') }))],
  [
    'unsafe-name',
    'Latin-1 in a pax path',
    () => tarball(pax({ path: Buffer.from('größe', 'latin1') }), file('x')),
  ],
  [
    'unsafe-name',
    'half of a surrogate pair',
    () => tarball(file('x', { name: Buffer.from([0x61, 0xed, 0xa0, 0x80]) })),
  ],
  [
    'unsafe-name',
    'a link target that is not UTF-8',
    () => tarball(entry({ type: '2', link: Buffer.from([0xff]) })),
  ],
  ['unsafe-name', 'a link target with a line break', () => tarball(link('a', 'b\nc'))],
  ['unsafe-name', 'no name', () => tarball(file(''))],
  ['unsafe-name', 'a link to nothing', () => tarball(link('a', ''))],
  ['unsafe-name', 'a file in the place of the root', () => tarball(file('.'))],
  [
    'unsafe-name',
    'a path longer than Linux has',
    () => tarball(pax({ path: 'a/'.repeat(2000) }), folder('x/')),
  ],
  [
    'unsafe-name',
    'a name longer than Linux has',
    () => tarball(pax({ path: 'n'.repeat(256) }), file('x')),
  ],
];

const ENTRIES: readonly Case[] = [
  [
    'outside-link',
    'an absolute link of GNU tar',
    () => gnu(['in'], (root) => symlinkSync('/etc/passwd', `${root}/link`)),
  ],
  [
    'outside-link',
    'a link out of GNU tar',
    () => gnu(['in'], (root) => symlinkSync('../../passwd', `${root}/link`)),
  ],
  ['outside-link', 'a link out and in again', () => tarball(link('a', '../release/b'))],
  [
    'outside-link',
    'a pax link target that leads out',
    () => tarball(pax({ linkpath: '../x' }), link('a', 'b')),
  ],
  [
    'outside-link',
    'a GNU long link target that leads out',
    () => tarinfo({ type: "b'2'", linkname: "'../' * 60" }, 'GNU_FORMAT'),
  ],
  [
    'outside-link',
    'a link out through an earlier link',
    () => tarball(link('a/up', '..'), link('b', 'a/up/../x')),
  ],
  [
    'outside-link',
    'a link out through a later link',
    () => tarball(link('a/b', 'up/../../x'), file('c'), link('a/up', '../c/..'), link('d', 'a/b')),
  ],
  ['outside-link', 'links in a circle', () => tarball(link('a', 'b'), link('b', 'a'), file('c'))],
  [
    'outside-link',
    'a link through more links than Linux follows',
    () => tarball(file('l0'), ...Array.from({ length: 42 }, (_, i) => link(`l${i + 1}`, `l${i}`))),
  ],
  [
    'outside-link',
    'a link of more steps than anybody takes',
    () => tarball(file('a/b'), pax({ linkpath: 'a/../'.repeat(150) }), link('c', 'cut')),
  ],
  ['outside-link', 'a link to itself', () => tarball(link('a', 'a'))],
  ['outside-link', 'an absolute hard link', () => tarball(hardLink('a', '/etc/passwd'))],
  ['outside-link', 'a hard link to what is not in the tarball', () => tarball(hardLink('a', 'b'))],
  [
    'outside-link',
    'a hard link through a link',
    () => tarball(file('a/b'), link('c', 'a'), hardLink('d', 'c/b')),
  ],
  [
    'outside-link',
    'a hard link that moves a link to where it leads out',
    () => tarball(file('x'), link('a/b', '../x'), hardLink('c', 'a/b')),
  ],
  ['device', 'a pipe', () => tarinfo({ type: 'tarfile.FIFOTYPE' })],
  ['device', 'a character device', () => tarinfo({ type: 'tarfile.CHRTYPE' })],
  ['device', 'a block device', () => tarinfo({ type: 'tarfile.BLKTYPE' })],
  [
    'setuid',
    'a setuid file of GNU tar',
    () => gnu(['in'], (root) => chmodSync(`${root}/file`, 0o4755)),
  ],
  ['setuid', 'a setgid file', () => tarball(file('a', { mode: 0o2755 }))],
  ['setuid', 'a sticky file', () => tarball(file('a', { mode: 0o1644 }))],
  ['setuid', 'a setgid folder', () => tarball(entry({ name: 'a/', type: '5', mode: 0o2755 }))],
  [
    'setuid',
    'file capabilities',
    () => tarball(pax({ 'SCHILY.xattr.security.capability': 'x' }), file('a')),
  ],
  ['duplicate', 'a path twice', () => gnu(['in/file', 'in/file', '--hard-dereference'])],
  ['duplicate', 'a path written in two ways', () => tarball(file('a/b'), file('./a//b'))],
  ['duplicate', 'a folder twice', () => tarball(folder('a/'), folder('a/'))],
  ['duplicate', 'a file below a file', () => tarball(file('a'), file('a/b'))],
  ['duplicate', 'a file below a link', () => tarball(link('a', 'b'), file('a/c'))],
  ['duplicate', 'a link in the place of a folder', () => tarball(file('a/b'), link('a', 'c'))],
  ['duplicate', 'a hard link in the place of a file', () => tarball(file('a'), hardLink('a', 'a'))],
];

const LIMITS: readonly (readonly [ArtifactDefect, string, () => Buffer, Partial<TarballLimits>])[] =
  [
    [
      'too-large',
      'more bytes than are taken',
      () => tarball(file('a', { content: random })),
      { maxBytes: 500 },
    ],
    [
      'bomb',
      'more unpacked than is taken',
      () => tarball(file('a', { content: random })),
      { maxUnpackedBytes: 4000 },
    ],
    [
      'bomb',
      'a file that says it is larger than is taken',
      () => tarball(file('a', { size: 9000 })),
      { maxUnpackedBytes: 8000 },
    ],
    [
      'too-many-entries',
      'more entries than are taken',
      () => tarball(file('a'), file('b'), file('c')),
      { maxEntries: 2 },
    ],
    [
      'too-many-entries',
      'more folders than are taken, in one path',
      () => tarball(file('a/b/c')),
      { maxEntries: 2 },
    ],
    [
      'too-many-entries',
      'names too long together',
      () => tarball(file('abcde'), link('f', 'abcde')),
      { maxNameCharacters: 10 },
    ],
  ];

const ALL = [...GZIP, ...TAR, ...NAMES, ...ENTRIES];

describe('an upload is refused (T16)', () => {
  it.each(ALL)('as %s: %s', async (code, _, made) => {
    expect(await defectOf(inspect(made()))).toBe(code);
  });

  it.each(LIMITS)('as %s: %s', async (code, _, made, limits) => {
    expect(await inspect(made()).catch((error) => error.data.code)).not.toBe(code);
    expect(await defectOf(inspect(made(), limits))).toBe(code);
  });

  it('for every reason on the list at least once here', () => {
    const seen = new Set([...ALL, ...LIMITS].map(([code]) => code));

    expect([...seen].sort()).toEqual([...ARTIFACT_DEFECTS].sort());
  });

  it('in words that name the entry on one line and say what to do', async () => {
    const { message, fix, data, source, name } = await refusalOf(
      inspect(tarball(file('bin/\x1b[2Jrun\n'))),
    );

    expect(message).toBe('Entry bin/\\u{1b}[2Jrun\\u{a} has a name that has control characters');
    expect(fix).toMatch(/^Rename it/);
    expect(data).toEqual({ code: 'unsafe-name', path: 'bin/\\u{1b}[2Jrun\\u{a}' });
    expect({ source, name }).toEqual({ source: 'user', name: 'InvalidArtifact' });
  });
});

describe('a decompression bomb', () => {
  it('is refused long before it is read, let alone unpacked', async () => {
    const member = gzipSync(Buffer.alloc(8 * 1024 ** 2));
    let pulled = 0;
    let closed = false;
    async function* endless() {
      try {
        yield gzipSync(file('zeros', { size: '77777777777' }));
        for (;;) {
          pulled += 1;
          yield member;
        }
      } finally {
        closed = true;
      }
    }

    const refusal = await refusalOf(inspectTarball(endless(), { maxUnpackedBytes: 2 ** 40 }));

    expect(refusal.data.code).toBe('bomb');
    expect(pulled).toBeLessThan(10);
    expect(closed).toBe(true);
  });

  it('that says in a header how large it is, is refused by that alone', async () => {
    let pulled = 0;
    async function* said() {
      yield gzipSync(pax({ size: String(2 ** 40) }));
      yield gzipSync(file('zeros'));
      for (; pulled < 1000; pulled++) yield gzipSync(random);
    }

    expect(await defectOf(inspectTarball(said()))).toBe('bomb');
    expect(pulled).toBeLessThan(10);
  });

  it('is not what a small tarball of zeros is', async () => {
    const bytes = tarball(file('zeros', { content: Buffer.alloc(9 * 1024 ** 2) }));

    expect(await inspect(bytes)).toMatchObject({ unpackedBytes: 9 * 1024 ** 2 });
  });
});

function makeHoles(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 1024 ** 2);
}
