import * as z from 'zod';
import { InvalidInput } from '../domain/errors.ts';
import type { BusEvent } from '../ports/bus.ts';

export const R2_SOURCE = 'conveyor.r2';
/** S3's own name for the same thing, so that one rule can take both. */
export const OBJECT_CREATED = 'Object Created';

/** More is no list of mistakes but noise. */
const FIELDS_TOLD = 20;

/** The three actions of R2's `object-create` (Cloudflare R2, "Event notifications"); S3's `reason` has the same words. */
const Action = z.enum(['PutObject', 'CompleteMultipartUpload', 'CopyObject']);
const Account = z.string().regex(/^[0-9a-f]{32}$/, 'an account of Cloudflare has 32 hex digits');
const Bucket = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'a bucket is named by 3 to 63 of a-z, 0-9 and -');
const Key = z
  .string()
  .max(1_024)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'a key is not empty and has no control characters');
const Size = z.int().nonnegative();
/** Without quotes; of an upload in parts it is no MD5. */
const Etag = z.string().regex(/^[!#-~]{1,128}$/, 'an etag is 1 to 128 printable characters');
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is written as 64 hex digits');
const Id = z.string().regex(/^[\w-]{1,128}$/, 'an id is 1 to 128 letters, digits, _ and -');

/** One upload, as the worker tells it. */
export const WebhookEvent = z.strictObject({
  /** The same for the same notification, however often it is sent. */
  id: Id,
  account: Account,
  bucket: Bucket,
  key: Key,
  /** Bytes. */
  size: Size,
  etag: Etag,
  /** Only where the uploader gave it to R2. */
  sha256: Sha256.optional(),
  action: Action,
  /** When the object was written. */
  at: z.iso.datetime({ offset: true }),
});
export type WebhookEvent = z.output<typeof WebhookEvent>;

export const WebhookBatch = z.strictObject({
  schema: z.literal(1),
  batch: Id,
  events: z.array(WebhookEvent).min(1).max(100),
});
export type WebhookBatch = z.output<typeof WebhookBatch>;

/**
 * The detail of an event of R2 on the bus: what S3's "Object Created" has (Amazon S3 user guide, "EventBridge event
 * message structure") as far as R2 knows it. There is no sequencer, no version and no requester; `r2` is ours.
 */
export const R2ObjectCreated = z.object({
  version: z.literal('0'),
  bucket: z.object({ name: Bucket }),
  object: z.object({ key: Key, size: Size, etag: Etag }),
  reason: Action,
  r2: z.object({ account: Account, eventId: Id, batch: Id, sha256: Sha256.optional() }),
});
export type R2ObjectCreated = z.output<typeof R2ObjectCreated>;

/** The body of a request whose signature was good. @throws InvalidInput with the paths of the fields in `data.fields` */
export function readWebhook(body: Uint8Array): WebhookBatch {
  const parsed = WebhookBatch.safeParse(fromJson(body));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues
    .slice(0, FIELDS_TOLD)
    .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new InvalidInput(`The body is not a batch of events: ${fields.join('; ')}`, {
    data: { fields },
    fix: 'Deploy the worker of the same version as Conveyor.',
  });
}

export function busEventOf(event: WebhookEvent, batch: string): BusEvent {
  const { id: eventId, account, bucket, key, size, etag, sha256, action, at } = event;
  const detail: R2ObjectCreated = {
    version: '0',
    bucket: { name: bucket },
    object: { key, size, etag },
    reason: action,
    r2: { account, eventId, batch, ...(sha256 !== undefined && { sha256 }) },
  };
  return { source: R2_SOURCE, detailType: OBJECT_CREATED, detail, at: new Date(at) };
}

function fromJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
