import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inspectTarball } from '../../lambdas/intake/inspect-tarball.ts';
import { file, random } from './refused/made.ts';
import { defectOf, inspect, pax, refusalOf, tarball } from './tarballs.ts';

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
