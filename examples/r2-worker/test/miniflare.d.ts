/** What these tests use of Miniflare 4, so that the repository can be type-checked without it. */
declare module 'miniflare' {
  export class Miniflare {
    constructor(options: {
      readonly workers: readonly object[];
      readonly handleStructuredLogs: (log: { readonly message: string }) => void;
    });
    readonly ready: Promise<URL>;
    getQueueProducer(
      binding: string,
      worker: string,
    ): Promise<{
      send(body: unknown): Promise<unknown>;
      sendBatch(messages: readonly { readonly body: unknown }[]): Promise<unknown>;
    }>;
    getR2Bucket(
      binding: string,
      worker: string,
    ): Promise<{
      put(
        key: string,
        value: string,
        options?: { readonly sha256?: string },
      ): Promise<{ readonly size: number; readonly etag: string; readonly uploaded: Date }>;
    }>;
    dispose(): Promise<void>;
  }
}
