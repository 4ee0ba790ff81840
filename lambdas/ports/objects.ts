import type { Digest } from '../domain/digest.ts';

/** What a bucket says of an object. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Names these very bytes in this bucket, in no other. */
  readonly etag: string;
  /** Of the whole content, as whoever wrote it said; nobody has compared yet. */
  readonly digest?: Digest;
  /** Of the whole content, as the bucket itself found it when it was written. Of what came in parts it has none. */
  readonly checksum?: Digest;
  /** Commit, build, builder: what the writer told besides. */
  readonly facts: Readonly<Record<string, string>>;
  /** Of each part but the last, in bytes, where it was written in parts: what the bucket's own checksum is made of. */
  readonly partSize?: number;
  /** When it was written: ISO 8601, UTC. */
  readonly at: string;
}

export interface NewObject {
  readonly bytes: number;
  readonly digest: Digest;
  readonly facts: Readonly<Record<string, string>>;
}

/** An object of another bucket, as it was when it was looked at. */
export interface ObjectElsewhere extends Pick<StoredObject, 'key' | 'etag' | 'checksum'> {
  readonly bucket: string;
}

/** What asking a bucket to fetch an object came to; see `copyFrom`. */
export type CopiedFrom = 'copied' | 'exists' | 'out-of-reach';

/** One bucket of tarballs. What is written once is never written again. */
export interface Objects {
  /** @throws Unavailable, StoreRefused */
  head(key: string): Promise<StoredObject | undefined>;
  /**
   * The bytes from `from` on, as they come.
   * @throws ArtifactMissing where it is gone, or is other bytes by now; Unavailable, also while reading; StoreRefused
   */
  read(
    object: Pick<StoredObject, 'key' | 'etag'>,
    from?: number,
  ): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Writes an object that was not there; with fewer, more or other bytes than announced there is none.
   * False: there is one already, and this one was not written. A large one that did not get through, because `content`
   * or the line broke, is gone on with by the next call that has the same bytes: only what is missing is sent.
   * @throws DigestMismatch; what `content` throws, as it is; Unavailable, StoreRefused
   */
  create(key: string, content: AsyncIterable<Uint8Array>, object: NewObject): Promise<boolean>;
  /**
   * Has the bucket's own server fetch an object from another bucket. Nothing is there before a server has said that the
   * bytes have `object.digest`: the other bucket's, by `source.checksum`, or this one's. `exists`: something is there already. `out-of-reach`: that server does not know the other
   * bucket, or cannot say what it would copy; whoever asks must carry the bytes.
   * @throws ArtifactMissing where the source is gone, or is other bytes by now; DigestMismatch, Unavailable, StoreRefused
   */
  copyFrom(source: ObjectElsewhere, key: string, object: NewObject): Promise<CopiedFrom>;
  /** Objects whose keys begin so, by key; all of them. @throws Unavailable, StoreRefused */
  list(prefix: string): Promise<readonly Pick<StoredObject, 'key' | 'bytes' | 'etag' | 'at'>[]>;
  /**
   * Says whether the bucket may let the object go by its own rules, when their time has come (`true`), or must keep it.
   * Said again, it changes nothing. True: it was said otherwise before.
   * @throws ArtifactMissing, Unavailable, StoreRefused
   */
  mark(key: string, expendable: boolean): Promise<boolean>;
}
