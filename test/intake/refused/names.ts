import { entry, gnuLong, pax, tarball } from '../tarballs.ts';
import { type Case, file, folder, gnu, hardLink, link, tarinfo } from './made.ts';

export const NAMES: readonly Case[] = [
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
