import type { ArtifactDefect } from '../../../lambdas/intake/invalid-artifact.ts';
import type { TarballLimits } from '../../../lambdas/intake/tarball-limits.ts';
import { tarball } from '../tarballs.ts';
import { file, link, random } from './made.ts';

export const LIMITS: readonly (readonly [
  ArtifactDefect,
  string,
  () => Buffer,
  Partial<TarballLimits>,
])[] = [
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
