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
/**
 * What to make of a message: R2 sends this shape (Cloudflare docs, "R2, Event notifications"). Whether the key is one of a
 * release is judged by Conveyor, which keeps what it refuses where people look for it.
 */
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
  return { upload: { account, key, action } };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
