import { Transform, type TransformCallback } from 'node:stream';
import { finishDigest, startDigest } from '../domain/digest.ts';
import { DigestMismatch } from '../domain/errors.ts';
import type { BlobDescriptor } from '../ports/registry.ts';

/**
 * Passes bytes on while hashing them, but holds back the last chunk until size and SHA-256 are right. The
 * receiver, who was promised `size` bytes, can therefore never complete anything else.
 */
export class VerifyStream extends Transform {
  readonly #blob: BlobDescriptor;
  readonly #hash = startDigest();
  #received = 0;
  #held: Buffer | undefined;

  constructor(blob: BlobDescriptor) {
    super({ highWaterMark: 256 * 1024 });
    this.#blob = blob;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#received += chunk.length;
    if (this.#received > this.#blob.size) {
      done(this.#mismatch('more bytes than that'));
      return;
    }
    this.#hash.update(chunk);
    const previous = this.#held;
    this.#held = chunk;
    done(null, previous);
  }

  override _flush(done: TransformCallback): void {
    const actual = finishDigest(this.#hash);
    const right = actual === this.#blob.digest && this.#received === this.#blob.size;
    if (right) done(null, this.#held);
    else done(this.#mismatch(`${actual} with ${this.#received} bytes`, actual));
  }

  #mismatch(got: string, actual?: string): DigestMismatch {
    const { digest, size } = this.#blob;
    return new DigestMismatch(`Expected blob ${digest} with ${size} bytes, got ${got}`, {
      data: { expected: digest, actual, expectedSize: size, actualSize: this.#received },
      fix: 'The source delivers damaged bytes: rebuild and push the artifact again.',
    });
  }
}
