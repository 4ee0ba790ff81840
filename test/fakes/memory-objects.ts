import { type Digest, digestOf } from '../../lambdas/domain/digest.ts';
import { ArtifactMissing, DigestMismatch } from '../../lambdas/domain/errors.ts';
import type {
  CopiedFrom,
  NewObject,
  ObjectElsewhere,
  Objects,
  StoredObject,
} from '../../lambdas/ports/objects.ts';

const CHUNK = 64 * 1024;

/** Buckets that one server holds, by their names: it copies between them by itself. */
export type MemoryServer = Record<string, MemoryObjects>;

/** A bucket in memory. */
export class MemoryObjects implements Objects {
  readonly #objects = new Map<string, { readonly is: StoredObject; readonly bytes: Uint8Array }>();
  readonly #expendable = new Set<string>();
  #etags = 0;

  constructor(
    private readonly now: () => Date = () => new Date(0),
    private readonly server: MemoryServer = {},
  ) {}

  async head(key: string): Promise<StoredObject | undefined> {
    return this.#objects.get(key)?.is;
  }

  async read({ key, etag }: Pick<StoredObject, 'key' | 'etag'>, from = 0) {
    return slices(this.#require({ key, etag }), from);
  }

  async create(
    key: string,
    content: AsyncIterable<Uint8Array>,
    object: NewObject,
  ): Promise<boolean> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(Uint8Array.from(chunk));
    return this.#make(key, Buffer.concat(chunks), object);
  }

  async copyFrom(source: ObjectElsewhere, key: string, object: NewObject): Promise<CopiedFrom> {
    const bucket = this.server[source.bucket];
    if (bucket === undefined) return 'out-of-reach';
    return this.#make(key, bucket.#require(source), object) ? 'copied' : 'exists';
  }

  async list(prefix: string) {
    return [...this.#objects.values()]
      .map(({ is }) => is)
      .filter(({ key }) => key.startsWith(prefix))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async mark(key: string, expendable: boolean): Promise<boolean> {
    if (!this.#objects.has(key)) throw new ArtifactMissing(`${key} is not there`);
    const before = this.#expendable.has(key);
    if (expendable) this.#expendable.add(key);
    else this.#expendable.delete(key);
    return before !== expendable;
  }

  /** As somebody with a hand in the bucket does: over what is there, with or without a digest. */
  put(
    key: string,
    bytes: Uint8Array,
    digest?: Digest,
    facts: Readonly<Record<string, string>> = {},
  ): StoredObject {
    this.#etags += 1;
    const at = this.now().toISOString();
    const is: StoredObject = {
      key,
      bytes: bytes.length,
      etag: `etag-${this.#etags}`,
      ...(digest !== undefined && { digest }),
      facts,
      at,
    };
    this.#objects.set(key, { is, bytes });
    return is;
  }

  /** As the bucket's own rule does, when the time of what is marked has come. */
  expire(): void {
    for (const key of this.#expendable) this.remove(key);
  }

  remove(key: string): void {
    this.#objects.delete(key);
    this.#expendable.delete(key);
  }

  /** What is there, to look at. */
  bytesOf(key: string): Uint8Array | undefined {
    return this.#objects.get(key)?.bytes;
  }

  /** Keys of what the bucket may let go. */
  get expendable(): readonly string[] {
    return [...this.#expendable].sort();
  }

  #require({ key, etag }: Pick<StoredObject, 'key' | 'etag'>): Uint8Array {
    const found = this.#objects.get(key);
    if (found?.is.etag !== etag) throw new ArtifactMissing(`${key} is not there any more`);
    return found.bytes;
  }

  #make(key: string, all: Uint8Array, { bytes, digest, facts }: NewObject): boolean {
    if (all.length !== bytes || digestOf(all) !== digest)
      throw new DigestMismatch(`${key} is not what was announced`);
    if (this.#objects.has(key)) return false;
    const is = this.put(key, all, digest, facts);
    this.#objects.set(key, { is: { ...is, checksum: digest }, bytes: all });
    return true;
  }
}

async function* slices(bytes: Uint8Array, from: number): AsyncIterable<Uint8Array> {
  for (let at = from; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}
