import * as z from 'zod';

/**
 * "Object Created" as EventBridge delivers it: S3's own (Amazon S3 user guide, "EventBridge event message structure"),
 * and the one that the ingress makes of R2's, which names Cloudflare's account. Its size and etag are what was true when
 * it was sent; they decide nothing.
 */
const detail = z.object({
  bucket: z.object({ name: z.string().min(1) }),
  object: z.object({ key: z.string().min(1) }),
});
export const ObjectCreated = z.discriminatedUnion('source', [
  z.object({
    source: z.literal('aws.s3'),
    'detail-type': z.literal('Object Created'),
    account: z.string(),
    region: z.string(),
    time: z.iso.datetime({ offset: true }),
    detail,
  }),
  z.object({
    source: z.literal('conveyor.r2'),
    'detail-type': z.literal('Object Created'),
    time: z.iso.datetime({ offset: true }),
    detail: detail.extend({ r2: z.object({ account: z.string() }) }),
  }),
]);

/** One upload, however Conveyor learned of it. */
export interface Upload {
  readonly store: 's3' | 'r2';
  /** AWS's, or Cloudflare's. */
  readonly account: string;
  readonly bucket: string;
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly announcedBy: 'event' | 'sweep';
}

export function readUpload(event: z.output<typeof ObjectCreated>): Upload {
  const common = {
    bucket: event.detail.bucket.name,
    key: event.detail.object.key,
    at: new Date(event.time).toISOString(),
    announcedBy: 'event' as const,
  };
  return event.source === 'aws.s3'
    ? { store: 's3', account: event.account, ...common }
    : { store: 'r2', account: event.detail.r2.account, ...common };
}
