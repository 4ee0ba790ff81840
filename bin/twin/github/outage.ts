import * as z from 'zod';

/** A failure to order; without `requests` or `seconds` it hits one request. */
export const OutageSpec = z.object({
  status: z.number().int().min(400).max(599).default(500),
  requests: z.number().int().positive().optional(),
  seconds: z.number().positive().optional(),
  /** `after` lets a commit take effect and then loses the reply. */
  mode: z.enum(['before', 'after']).default('before'),
  /** `commit`: only calls of createCommitOnBranch. `after` implies it. */
  on: z.enum(['any', 'commit']).default('any'),
  message: z.string().default('Server Error'),
  retryAfterSeconds: z.number().int().positive().optional(),
  /** Answer 200 with this GraphQL error instead of `status`. */
  error: z.object({ type: z.string(), message: z.string() }).optional(),
});
export type OutageSpec = z.input<typeof OutageSpec>;
type Outage = z.output<typeof OutageSpec>;

/** Whether GitHub is down right now, and how. */
export class OutageSwitch {
  #current: Outage | undefined;
  #left = 0;
  #until = 0;
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  order(spec: OutageSpec): void {
    const outage = OutageSpec.parse(spec);
    this.#current = outage;
    const { requests, seconds } = outage;
    this.#left = requests ?? (seconds === undefined ? 1 : Number.POSITIVE_INFINITY);
    this.#until =
      seconds === undefined ? Number.POSITIVE_INFINITY : this.#now().getTime() + seconds * 1000;
  }

  end(): void {
    this.#current = undefined;
  }

  /** The answer that this request gets instead of its own, counting it. */
  answer(kind: 'any' | 'commit', mode: Outage['mode']): Response | undefined {
    const outage = this.#current;
    if (outage === undefined || outage.mode !== mode) return undefined;
    if (kind === 'any' && (outage.on === 'commit' || outage.mode === 'after')) return undefined;
    if (kind === 'commit' && outage.mode === 'before' && outage.on === 'any') return undefined;
    if (this.#left <= 0 || this.#now().getTime() > this.#until) return undefined;
    this.#left -= 1;
    const { error, status, message, retryAfterSeconds } = outage;
    if (error !== undefined) return Response.json({ data: null, errors: [error] });
    const headers: Record<string, string> =
      retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
    return Response.json({ message }, { status, headers });
  }
}
