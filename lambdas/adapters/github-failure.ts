import * as z from 'zod';
import { LedgerRefused, LedgerUnavailable } from '../domain/errors.ts';

/** What Octokit throws, read by shape: the classes belong to packages that are not ours to import. */
const GraphqlFailure = z.object({
  errors: z
    .array(
      z.object({
        type: z.string().optional(),
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.object({ code: z.string() }).partial().optional(),
      }),
    )
    .min(1),
  headers: z.record(z.string(), z.unknown()).default({}),
  data: z.unknown(),
});
const HttpFailure = z.object({
  status: z.number(),
  message: z.string(),
  response: z
    .object({ headers: z.record(z.string(), z.unknown()) })
    .partial()
    .optional(),
});

/** GraphQL answers 200 and says by `type` what went wrong; these will not pass by themselves. */
const FINAL_TYPES: Readonly<Record<string, string>> = {
  NOT_FOUND:
    'Check ledger.github.repository and .branch in conveyor.yaml, and that the App is installed there.',
  FORBIDDEN: "Give the GitHub App (or token) 'contents: write' on the Ledger's repository.",
  INSUFFICIENT_SCOPES: "Give the token 'contents: write' on the Ledger's repository.",
  BRANCH_PROTECTION_RULE_VIOLATION:
    "Let the GitHub App bypass the branch's protection, or promote by pull request there.",
  UNPROCESSABLE: "Let the GitHub App bypass the branch's rules, or promote by pull request there.",
};
const HTTP_FIXES: Readonly<Record<number, string>> = {
  401: 'Renew the credentials in the SSM parameter that conveyor.yaml names under ledger.',
  403: FINAL_TYPES.FORBIDDEN ?? '',
  404: FINAL_TYPES.NOT_FOUND ?? '',
};
const RULES = /rule violations?|protected branch|through a pull request/i;
const THROTTLED = /\brate limit/i;

/** `createCommitOnBranch` on a head that moved (type STALE_DATA, observed; the words are GitHub's). */
export function isStaleHead(error: unknown): boolean {
  const { data: failure } = GraphqlFailure.safeParse(error);
  return (failure?.errors ?? []).some(
    ({ type, message }) =>
      type === 'STALE_DATA' || message.startsWith('Expected branch to point to'),
  );
}

/** The answer's data, where all that failed is files which are not there (`Commit.file`, NOT_FOUND). */
export function dataDespiteMissingFiles(error: unknown): unknown {
  const { data: failure } = GraphqlFailure.safeParse(error);
  const missing = failure?.errors.every(
    ({ type, path }) => type === 'NOT_FOUND' && /^file\d+$/.test(String(path?.at(-1))),
  );
  return missing ? failure?.data : undefined;
}

/** Turns what Octokit threw into one of ours. Nothing of the request is kept: it carries the credentials. */
export function githubFailure(error: unknown, doing: string, now: Date): Error {
  const graphql = GraphqlFailure.safeParse(error);
  if (graphql.success) return graphqlFailure(graphql.data, doing, now);
  const http = HttpFailure.safeParse(error);
  if (http.success) return httpFailure(http.data, doing, now);
  return new LedgerRefused(`could not ${doing}: ${wordsOf(error)}`, {
    fix: 'Check the GitHub App id, installation id and private key.',
  });
}

function graphqlFailure(
  { errors, headers }: z.infer<typeof GraphqlFailure>,
  doing: string,
  now: Date,
): Error {
  const says = errors
    .map(({ message }) => message)
    .join('; ')
    .slice(0, 500);
  const message = `could not ${doing}: GitHub says: ${says}`;
  if (errors.some((one) => one.type === 'RATE_LIMITED' || THROTTLED.test(one.message))) {
    return new LedgerUnavailable(message, { data: { says, ...retryAfter(headers, now, 60) } });
  }
  const type = errors.map((one) => one.type ?? '').find((one) => one in FINAL_TYPES);
  const ruled = RULES.test(says) ? 'BRANCH_PROTECTION_RULE_VIOLATION' : type;
  if (ruled !== undefined) {
    return new LedgerRefused(message, {
      data: { says, type: ruled },
      fix: FINAL_TYPES[ruled] ?? '',
    });
  }
  // Only a query that GitHub's schema refuses carries a code.
  const code = errors.map(({ extensions }) => extensions?.code).find(Boolean);
  if (code !== undefined) {
    return new LedgerRefused(message, {
      data: { says, code },
      fix: 'This GitHub does not know a field that Conveyor asks for: upgrade one or the other.',
    });
  }
  return new LedgerUnavailable(message, { data: { says } });
}

function httpFailure(failure: z.infer<typeof HttpFailure>, doing: string, now: Date): Error {
  const { status } = failure;
  const says = failure.message.slice(0, 500);
  const headers = failure.response?.headers ?? {};
  const message = `could not ${doing}: GitHub answered ${status}: ${says}`;
  const data = { status, says };
  const exhausted = headers['x-ratelimit-remaining'] === '0' || 'retry-after' in headers;
  if (status === 429 || (status === 403 && (exhausted || THROTTLED.test(says)))) {
    return new LedgerUnavailable(message, { data: { ...data, ...retryAfter(headers, now, 60) } });
  }
  if (status >= 500 || status === 408) {
    return new LedgerUnavailable(message, { data: { ...data, ...retryAfter(headers, now) } });
  }
  const fix = HTTP_FIXES[status] ?? 'See what GitHub says.';
  return new LedgerRefused(message, { data, fix });
}

/** GitHub's own order: `retry-after`, else the reset of an exhausted budget, else a minute (REST docs, "Best practices"). */
function retryAfter(
  headers: Readonly<Record<string, unknown>>,
  now: Date,
  otherwise?: number,
): { retryAfterSeconds?: number } {
  const seconds = Number(headers['retry-after']);
  if (seconds > 0) return { retryAfterSeconds: seconds };
  const reset = Number(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-remaining'] === '0' && reset > 0) {
    return { retryAfterSeconds: Math.max(1, Math.ceil(reset - now.getTime() / 1000)) };
  }
  return otherwise === undefined ? {} : { retryAfterSeconds: otherwise };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'unknown failure';
}
