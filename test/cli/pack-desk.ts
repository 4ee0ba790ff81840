import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CannotPack } from '../../bin/cli/push/cannot-pack.ts';
import { type PackOptions, packTree } from '../../bin/cli/push/pack-tree.ts';
import { gnuTar, scratch } from '../intake/tarballs.ts';

/** A folder with this in it: text makes a file, nothing makes a folder. */
export function tree(made: Readonly<Record<string, string | Buffer | undefined>>): string {
  const root = scratch();
  for (const [path, content] of Object.entries(made)) {
    const folder = content === undefined ? path : path.split('/').slice(0, -1).join('/');
    mkdirSync(`${root}/${folder}`, { recursive: true });
    if (content !== undefined) writeFileSync(`${root}/${path}`, content);
  }
  return root;
}

export async function pack(root: string, options: PackOptions = {}) {
  const packed = packTree(root, options);
  const bytes = Buffer.concat(await packed.body.toArray());
  return { bytes, tar: gunzipSync(bytes), summary: packed.summary() };
}

export const list = (bytes: Buffer) =>
  gnuTar(['-tzf', '-', '--quoting-style=literal'], bytes).toString('utf8').split('\n').slice(0, -1);

/** 12 MiB that do not become smaller: more than is read ahead with two blocks at once. */
export const LARGE = randomFillSync(Buffer.alloc(12 * 1024 ** 2));

export function refusalOf(act: () => unknown): CannotPack {
  try {
    act();
  } catch (error) {
    if (error instanceof CannotPack) return error;
    throw error;
  }
  throw new Error('It was packed');
}

export const openFiles = () => spawnSync('ls', ['-l', `/proc/${process.pid}/fd`]).stdout.toString();
