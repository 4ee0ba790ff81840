import { gzipSync } from 'node:zlib';
import { END, entry, gnuLong, pax, scratch, tarball } from '../tarballs.ts';
import { type Case, file, folder, gnu, link, makeHoles, random, tarinfo } from './made.ts';

export const GZIP: readonly Case[] = [
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

export const TAR: readonly Case[] = [
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
