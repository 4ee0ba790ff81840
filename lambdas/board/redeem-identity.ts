import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Unavailable } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { BINDING_HEADER, type BoundRequest, bindingOf, hasLineBreak } from './identity-binding.ts';
import { readIdentity, refused } from './read-identity.ts';

const TIMEOUT_MS = 3_000;
const ATTEMPTS = 2;
const MAX_REPLY = 16_384;

/** STS answers so when asked for JSON (Vault's and aws-iam-authenticator's way). */
const Reply = z.object({
  GetCallerIdentityResponse: z.object({
    GetCallerIdentityResult: z.object({
      Arn: z.string().max(2_048),
      Account: z.string().regex(/^\d{12}$/),
    }),
  }),
});

export interface RedeemIdentity extends BoundRequest {
  /** The value of `x-conveyor-identity` as received. */
  readonly header: string | undefined;
  /** The STS that this server asks, whatever the caller says. */
  readonly allowedEndpoint: URL;
  readonly clock: Pick<Clock, 'now'>;
  /** True for whoever comes first with this hash; it must be kept until `expiresAt`. */
  readonly claimOnce: (hash: string, expiresAt: Date) => Promise<boolean>;
  readonly fetch?: typeof fetch;
}

export interface Identity {
  readonly principal: string;
  readonly account: string;
}

/**
 * Who sent this request, from a proof made by `signIdentity`. STS checks the signature over a binding that is
 * recomputed here from the request as received, so a proof fits one method, path, body and stack, once, for a minute.
 * Throws NotAllowed for anything odd, Unavailable when STS does not answer.
 */
export async function redeemIdentity(request: RedeemIdentity): Promise<Identity> {
  const proof = readIdentity(request.header, request.allowedEndpoint, request.clock.now());
  if (hasLineBreak(request)) throw refused('request', 'a line break where none belongs');
  // Claimed before STS is asked: two requests with one proof must not both be on their way.
  const hash = createHash('sha256').update(proof.signature).digest('hex');
  if (!(await request.claimOnce(hash, proof.expiresAt)))
    throw refused('replay', 'it was used before');

  const reply = await askSts(request, proof.query, bindingOf(request, proof.nonce));
  const { Arn: principal, Account: account } =
    reply.GetCallerIdentityResponse.GetCallerIdentityResult;
  const parts = /^arn:[a-z-]+:(?:sts|iam)::(\d{12}):(.+)$/.exec(principal);
  if (parts === null || parts[1] !== account)
    throw refused('principal', 'STS named no principal of its own account');
  // Whoever can be root can be anybody, so root is nobody.
  if (parts[2] === 'root')
    throw refused('root', 'the root user of an account is nobody; assume a role');
  return { principal, account };
}

async function askSts(
  request: RedeemIdentity,
  query: string,
  binding: string,
): Promise<z.infer<typeof Reply>> {
  const url = new URL(`/?${query}`, request.allowedEndpoint);
  for (let attempt = 1; ; attempt++) {
    const answer = await get(url, binding, request.fetch ?? fetch);
    if (answer.status === 200) return parse(answer.body);
    if (answer.status < 500) throw refused('signature', `STS answered ${answer.status}`);
    if (attempt === ATTEMPTS)
      throw new Unavailable(`STS did not answer (${answer.status})`, {
        data: { status: answer.status },
      });
  }
}

async function get(
  url: URL,
  binding: string,
  send: typeof fetch,
): Promise<{ status: number; body: string }> {
  try {
    const response = await send(url, {
      headers: { accept: 'application/json', [BINDING_HEADER]: binding },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: await readAtMost(response, MAX_REPLY) };
  } catch (cause) {
    // A redirect, a reset or a timeout: STS said nothing that could be believed. The URL is not repeated.
    return { status: 599, body: String(cause instanceof Error ? cause.name : '') };
  }
}

async function readAtMost(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > limit) throw new RangeError('reply too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** JSON, or the XML that an STS gives who does not know the Accept header. */
function parse(body: string): z.infer<typeof Reply> {
  const parsed = Reply.safeParse(body.trimStart().startsWith('<') ? fromXml(body) : fromJson(body));
  if (!parsed.success) throw refused('reply', 'STS answered something else');
  return parsed.data;
}

function fromJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Exactly one element of each name, without entities or markup inside; anything else is no answer. */
function fromXml(body: string): unknown {
  const only = (name: string) => {
    const found = [...body.matchAll(new RegExp(`<${name}>([^<>&]*)</${name}>`, 'g'))];
    return found.length === 1 ? found[0]?.[1] : undefined;
  };
  if (/<!|<Error>/.test(body)) return undefined;
  return {
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: { Arn: only('Arn'), Account: only('Account') },
    },
  };
}
