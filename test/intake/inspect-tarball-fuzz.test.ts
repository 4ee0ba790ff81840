import { randomFillSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inspectTarball } from '../../lambdas/intake/inspect-tarball.ts';
import { InvalidArtifact } from '../../lambdas/intake/invalid-artifact.ts';
import { chunked, END, entry, gnuLong, inspect, pax, refusalOf, tarball } from './tarballs.ts';

const parts = [
  entry({ name: 'bin/', type: '5', mode: 0o755 }),
  entry({ name: 'bin/run', mode: 0o755, content: '#!/bin/sh\nexec true\n' }),
  pax({ path: `lib/${'long/'.repeat(30)}name` }),
  entry({ name: 'short', content: 'contents' }),
  gnuLong('K', 'k'.repeat(120)),
  entry({ name: 'bin/link', type: '2', link: 'cut' }),
  entry({ name: 'bin/same', type: '1', link: 'bin/run' }),
];
const valid = tarball(...parts);

/** What it comes to: the digests of what was taken in, or the reason why not. Anything else is a defect of ours. */
async function verdict(bytes: Buffer, chunk?: number): Promise<string> {
  try {
    const { digest, contentDigest } = await inspect(bytes, {}, chunk);
    return `${digest} ${contentDigest}`;
  } catch (error) {
    if (error instanceof InvalidArtifact) return String(error.data.code);
    throw error;
  }
}

it('a tarball cut off anywhere is refused', async () => {
  const large = tarball(entry({ name: 'random', content: randomFillSync(Buffer.alloc(60_000)) }));

  for (let end = 512; end < large.length; end += 512)
    expect(await verdict(large.subarray(0, end)), `at ${end}`).toBe('truncated');
  for (let end = 1; end < valid.length; end += 1)
    expect(await verdict(valid.subarray(0, end)), `at ${end}`).toBe('truncated');
});

it('a tarball with one byte flipped is refused, or is another one', async () => {
  const { digest, contentDigest } = await inspect(valid);
  const codes = new Set<string>();

  for (let at = 0; at < valid.length; at++) {
    const flipped = Buffer.from(valid);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
    const said = await verdict(flipped);
    expect(said, `at ${at}`).not.toContain(digest);
    codes.add(said);
  }

  // Only bytes of the gzip header that mean nothing are let through: time, flags, system.
  const taken = [...codes].filter((said) => said.startsWith('sha256:'));
  expect(taken.length).toBeGreaterThan(0);
  for (const said of taken) expect(said).toContain(contentDigest);
});

it('a tar stream with bytes changed under a right checksum of gzip is judged, never stumbled over', async () => {
  const tar = Buffer.concat([...parts, END]);
  const change = fc.tuple(fc.nat(tar.length - 1), fc.nat(255));
  let refused = 0;

  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const changed = Buffer.from(tar);
      for (const [at, byte] of changes) changed.writeUInt8(byte, at);
      const said = await verdict(tarball(changed.subarray(0, -END.length)));
      if (!said.startsWith('sha256:')) refused += 1;
    }),
    { numRuns: 200 },
  );

  expect(refused).toBeGreaterThan(50);
});

const text = fc.oneof(
  fc.constantFrom('', '.', '..', '/', 'a', 'a/b', './a', 'a/', '../a', 'b/../a', '\0', 'b\0c'),
  fc.stringMatching(/^[a-d]{1,2}(\/[a-d ]){0,2}$/),
);
const handMade = fc.record({
  name: text,
  link: text,
  prefix: fc.oneof({ weight: 5, arbitrary: fc.constant('') }, text),
  type: fc.oneof(
    fc.constantFrom('0', '1', '2', '5', '\0', 'x', 'g', 'L', 'K'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  mode: fc.oneof(fc.constantFrom(0o644, 0o755), fc.nat(0o7777)),
  content: fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    text,
    fc.constantFrom('9 path=e\n', '9 path=f\n9 size=2\n', '12 size=600\n', 'x'.repeat(700)),
  ),
  magic: fc.constantFrom('ustar\x0000', 'ustar  \0', '\0\0\0\0\0\0\0\0'),
});
const archive = fc.array(
  fc.oneof(
    handMade,
    handMade,
    fc.record({ name: text, size: fc.oneof(fc.nat(3000), fc.stringMatching(/^[ 0-9\0]{12}$/)) }),
  ),
  { maxLength: 5 },
);

it('headers of random fields under right checksums are judged, in chunks of any size alike', async () => {
  await fc.assert(
    fc.asyncProperty(archive, fc.integer({ min: 1, max: 600 }), async (list, chunk) => {
      const bytes = tarball(...list.map(entry));
      expect(await verdict(bytes, chunk)).toBe(await verdict(bytes));
    }),
    { numRuns: 100 },
  );
});

it('bytes of any kind are refused as not gzip, or for what is wrong in them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), fc.boolean(), async (bytes, asGzip) => {
      const upload = asGzip ? Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), bytes]) : bytes;
      const { data } = await refusalOf(inspectTarball(chunked(Buffer.from(upload), 100)));
      expect(data.code).toEqual(expect.any(String));
    }),
    { numRuns: 100 },
  );
});
