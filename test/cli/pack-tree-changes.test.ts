import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packTree } from '../../bin/cli/push/pack-tree.ts';
import { LARGE, tree } from './pack-desk.ts';

describe('a file is refused as changed', () => {
  it.each<[string, string, (path: string) => void]>([
    ['grows', 'z', (path) => appendFileSync(path, 'more')],
    ['shrinks', 'z', (path) => truncateSync(path, 1)],
    ['is written again', 'z', (path) => utimesSync(path, 1, 1)],
    ['is gone', 'z', (path) => rmSync(path)],
    [
      'became a link to the same',
      'z',
      (path) => {
        writeFileSync(`${path}2`, 'contents');
        rmSync(path);
        symlinkSync('z2', path);
      },
    ],
    [
      'became a pipe',
      'z',
      (path) => {
        rmSync(path);
        spawnSync('mkfifo', [path]);
      },
    ],
    ['grows while it is read', 'a', (path) => appendFileSync(path, 'more')],
    ['shrinks while it is read', 'a', (path) => truncateSync(path, 11 * 1024 ** 2)],
  ])('that %s', async (_, name, change) => {
    const root = tree({ a: LARGE, z: 'contents' });
    const packed = packTree(root, { parallel: 1 });

    const reading = (async () => {
      let first = true;
      for await (const _ of packed.body) {
        if (first) change(`${root}/${name}`);
        first = false;
      }
    })();

    await expect(reading).rejects.toMatchObject({
      name: 'CannotPack',
      data: { code: 'changed', path: name },
    });
    expect(() => packed.summary()).toThrow();
  });
});
