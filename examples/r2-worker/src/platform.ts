/** What the worker uses of Cloudflare's runtime (Cloudflare docs: "Queues, JavaScript APIs"; "R2, Workers API reference"). */
export interface Env {
  /** Where Conveyor takes uploads: https, ends in /r2. */
  readonly INGRESS_URL: string;
  /** `<id>:<secret>`. */
  readonly INGRESS_SECRET: string;
  /** The name of the bucket behind RELEASES; a binding does not tell. */
  readonly BUCKET: string;
  readonly RETRY_FROM_SECONDS?: string;
  readonly RELEASES: Bucket;
  readonly DEAD_LETTERS: { send(body: unknown): Promise<unknown> };
}

export interface Bucket {
  head(key: string): Promise<StoredObject | null>;
}

export interface StoredObject {
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly uploaded: Date;
  /** SHA-256 only where the uploader gave it. */
  readonly checksums: { readonly sha256?: ArrayBuffer };
}

export interface Batch {
  readonly messages: readonly Message[];
}

export interface Message {
  readonly id: string;
  readonly body: unknown;
  /** 1 the first time. */
  readonly attempts: number;
  ack(): void;
  retry(options?: { readonly delaySeconds?: number }): void;
}
