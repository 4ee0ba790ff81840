import { createPublicKey, randomBytes, verify } from 'node:crypto';
import * as z from 'zod';

export interface GithubApp {
  readonly appId: string;
  readonly installationId: string;
  /** PEM. */
  readonly publicKey: string;
}

/** Who a request comes from, as commits name it. */
export interface Caller {
  readonly login: string;
}

const LIFETIME = 60 * 60_000;
const Claims = z.object({
  iss: z.union([z.string(), z.number()]),
  iat: z.number(),
  exp: z.number(),
});

/** Static tokens, and the hour-long ones of a GitHub App's installation. */
export class Credentials {
  readonly #tokens: ReadonlySet<string>;
  readonly #app: GithubApp | undefined;
  readonly #issued = new Map<string, number>();
  readonly #now: () => Date;

  constructor(tokens: readonly string[], app: GithubApp | undefined, now: () => Date) {
    this.#tokens = new Set(tokens);
    this.#app = app;
    this.#now = now;
  }

  /** `Authorization: bearer|token T`, or git's Basic with the token as password. */
  caller(authorization: string | undefined): Caller | undefined {
    const [, scheme = '', secret = ''] = /^(\w+) (.+)$/.exec(authorization ?? '') ?? [];
    const token = scheme.toLowerCase() === 'basic' ? passwordIn(secret) : secret;
    if (this.#tokens.has(token)) return { login: 'conveyor' };
    const expiry = this.#issued.get(token) ?? 0;
    return expiry > this.#now().getTime() ? { login: 'conveyor[bot]' } : undefined;
  }

  /** An installation token for a valid JWT of the App; otherwise the reason that GitHub would give. */
  issue(
    authorization: string | undefined,
    installation: string,
  ): { token: string; expiresAt: Date } | string {
    const refusal = this.#refusal(authorization?.replace(/^bearer /i, '') ?? '');
    if (refusal !== undefined) return refusal;
    if (installation !== this.#app?.installationId) return 'Integration not found';
    const token = `ghs_${randomBytes(27).toString('base64url')}`;
    const expiresAt = new Date(this.#now().getTime() + LIFETIME);
    this.#issued.set(token, expiresAt.getTime());
    return { token, expiresAt };
  }

  #refusal(jwt: string): string | undefined {
    const [header, payload, signature] = jwt.split('.');
    if (!this.#app || !header || !payload || !signature)
      return 'A JSON web token could not be decoded';
    const key = createPublicKey(this.#app.publicKey);
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))) {
      return 'A JSON web token could not be decoded';
    }
    const claims = Claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    const now = this.#now().getTime() / 1000;
    if (String(claims.iss) !== this.#app.appId) return "'Issuer' claim ('iss') is invalid";
    if (claims.exp <= now || claims.exp > now + 600) {
      return "'Expiration time' claim ('exp') is too far in the future";
    }
    return undefined;
  }
}

function passwordIn(basic: string): string {
  return Buffer.from(basic, 'base64').toString('utf8').split(':').slice(1).join(':');
}
