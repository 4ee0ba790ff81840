import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import type { ArtifactDefect } from '../../../lambdas/intake/invalid-artifact.ts';
import { entry, gnuTar, type HandMade, python, scratch } from '../tarballs.ts';

export const file = (name: string, made: HandMade = {}) => entry({ name, ...made });
export const link = (name: string, to: string) => entry({ name, type: '2', link: to });
export const hardLink = (name: string, to: string) => entry({ name, type: '1', link: to });
export const folder = (name: string) => entry({ name, type: '5', mode: 0o755 });
export const random = Buffer.from(
  Array.from({ length: 4096 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff),
);

/** A member of Python's tarfile with these attributes, then a file. */
export const tarinfo = (attributes: Record<string, string>, format = 'PAX_FORMAT') =>
  python(`
with tarfile.open(fileobj=out, mode='w|gz', format=tarfile.${format}) as t:
  m = tarfile.TarInfo('member')
  ${Object.entries(attributes)
    .map(([key, value]) => `m.${key} = ${value}`)
    .join('; ')}
  t.addfile(m)
  t.addfile(tarfile.TarInfo('file'))`);

/** A folder of one file, packed by GNU tar with these arguments after something was done to it. */
export function gnu(args: readonly string[], change: (root: string) => void = () => {}): Buffer {
  const root = scratch();
  mkdirSync(`${root}/in`);
  writeFileSync(`${root}/in/file`, 'contents');
  change(`${root}/in`);
  return gnuTar(['-C', root, '-czf', '-', ...args]);
}

/** Why it is refused, what it is, and how it is made. */
export type Case = readonly [ArtifactDefect, string, () => Buffer];

/** A file of a megabyte of which nothing is there. */
export function makeHoles(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 1024 ** 2);
}
