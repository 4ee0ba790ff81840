/** What a notification says that cannot be asked of the bucket. Everything else in it is looked up. */
export interface Upload {
  readonly account: string;
  readonly key: string;
  readonly action: string;
}

export type Notification =
  | { readonly upload: Upload }
  /** Rightly none of Conveyor's business. */
  | { readonly ignored: string }
  /** Should not have come here at all. */
  | { readonly odd: string };

const CREATING = ['PutObject', 'CompleteMultipartUpload', 'CopyObject'];
/** `<service>/<SHA>.tar.gz`; the SHA may be short, or a SHA-256. Conveyor judges the rest, and says why. */
const RELEASE = /^[a-z][a-z0-9-]{0,39}\/[0-9a-f]{7,64}\.tar\.gz$/;

/** What to make of a message: R2 sends this shape (Cloudflare docs, "R2, Event notifications"). */
export function readNotification(body: unknown, bucket: string): Notification {
  const { account, action, bucket: from, object } = fields(body);
  const { key } = fields(object);
  if (
    typeof account !== 'string' ||
    !/^[0-9a-f]{32}$/.test(account) ||
    typeof action !== 'string' ||
    typeof key !== 'string'
  )
    return { odd: 'not a notification of R2' };
  if (from !== bucket) return { odd: 'about another bucket' };
  if (!CREATING.includes(action)) return { ignored: `action ${action}` };
  if (!RELEASE.test(key)) return { ignored: 'key is not <service>/<SHA>.tar.gz' };
  return { upload: { account, key, action } };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
