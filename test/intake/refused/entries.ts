import { chmodSync, symlinkSync } from 'node:fs';
import { entry, pax, tarball } from '../tarballs.ts';
import { type Case, file, folder, gnu, hardLink, link, tarinfo } from './made.ts';

export const ENTRIES: readonly Case[] = [
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
