import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PARTS_AT_ONCE, partSize, partsOf } from '../../lambdas/adapters/object-parts.ts';

const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 40 });

async function* delivered(all: readonly Uint8Array[]) {
  yield* all;
}

it('cuts what comes into pieces of one size, in order, with nothing lost', async () => {
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 50 }), async (all, size) => {
      const whole = Buffer.concat(all);
      const parts: { number: number; bytes: Buffer }[] = [];
      for await (const { number, bytes } of partsOf(delivered(all), size))
        parts.push({ number, bytes: Buffer.from(bytes) });

      expect(Buffer.concat(parts.map(({ bytes }) => bytes))).toEqual(whole);
      expect(parts.map(({ number }) => number)).toEqual(parts.map((_, i) => i + 1));
      expect(parts).toHaveLength(Math.ceil(whole.length / size));
      for (const { bytes } of parts.slice(0, -1)) expect(bytes).toHaveLength(size);
    }),
  );
});

it('leaves a part as it is for as long as it may be on its way', async () => {
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 20 }), async (all, size) => {
      const whole = Buffer.concat(all);
      const onTheirWay: { number: number; bytes: Uint8Array }[] = [];
      for await (const part of partsOf(delivered(all), size)) {
        onTheirWay.push(part);
        if (onTheirWay.length > PARTS_AT_ONCE) onTheirWay.shift();
        for (const { number, bytes } of onTheirWay) {
          const from = (number - 1) * size;
          expect(Buffer.from(bytes)).toEqual(whole.subarray(from, from + bytes.length));
        }
      }
    }),
  );
});

it('uses the memory of few parts for all of them', async () => {
  const memory = new Set<ArrayBufferLike>();
  const all = Array.from({ length: 100 }, () => new Uint8Array(7));

  for await (const { bytes } of partsOf(delivered(all), 10)) memory.add(bytes.buffer);

  expect(memory.size).toBe(PARTS_AT_ONCE + 1);
});

it('never has more parts than S3 takes, nor smaller ones', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 * 1024 ** 4 }), (bytes) => {
      const size = partSize(bytes);

      expect(size).toBeGreaterThanOrEqual(5 * 1024 ** 2);
      // Number 10,000 is not a part of the object.
      expect(Math.ceil(bytes / size)).toBeLessThanOrEqual(9_999);
    }),
  );
});
