import type { IngressEvent } from './look-up.ts';
import type { Env } from './platform.ts';
import { sign } from './sign.ts';

export type Answer =
  | { readonly outcome: 'accepted'; readonly replayed: boolean }
  /** The ingress understood who asks and will never take this. */
  | { readonly outcome: 'refused'; readonly why: string }
  /** Seconds that the ingress asks to wait, where it does. */
  | { readonly outcome: 'later'; readonly why: string; readonly wait: number | undefined };

/** Milliseconds. The ingress waits less for what it waits for. */
const PATIENCE = 30_000;

/** Sends events once, signed, and says what became of it. Never throws for what a network or an ingress does. */
export async function postEvents(env: Env, events: readonly IngressEvent[]): Promise<Answer> {
  try {
    const url = ingress(env.INGRESS_URL);
    const batch = { schema: 1, batch: crypto.randomUUID(), events };
    const body = new TextEncoder().encode(JSON.stringify(batch));
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(await sign(env.INGRESS_SECRET, new Date(), body)),
      },
      body,
      // What is signed for the ingress is for nobody else.
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
    });
    return await read(response, events.length);
  } catch (error) {
    return { outcome: 'later', why: String(error), wait: undefined };
  }
}

/**
 * 400 and 413 are final: the same bytes would be refused again. A 401 may be a secret that is being rotated, a 403 or
 * 404 a deployment under way: all others are worth another try. What is final counts only with the ingress's own words:
 * what stands before it, or in its place, must neither swallow nor bury an upload.
 */
async function read(response: Response, sent: number): Promise<Answer> {
  const text = await response.text();
  const { accepted, replayed, error } = fields(text);
  if (response.status === 200 && (accepted === sent || replayed === true))
    return { outcome: 'accepted', replayed: replayed === true };
  const why = `${response.status} ${error === undefined ? '' : JSON.stringify(error).slice(0, 500)}`;
  const own = typeof record(error).code === 'string';
  if (own && (response.status === 400 || response.status === 413))
    return { outcome: 'refused', why };
  const wait = /^\d{1,6}$/.exec(response.headers.get('retry-after') ?? '')?.[0];
  return { outcome: 'later', why, wait: wait === undefined ? undefined : Number(wait) };
}

function ingress(text: string): URL {
  const url = new URL(text);
  const local = ['127.0.0.1', 'localhost'].includes(url.hostname);
  if (url.protocol !== 'https:' && !local) throw new Error('INGRESS_URL is not https');
  return url;
}

function fields(text: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(text));
  } catch {
    return {};
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
