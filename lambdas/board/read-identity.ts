import { NotAllowed } from '../domain/errors.ts';
import { IDENTITY_SECONDS } from './identity-binding.ts';

/** Clocks differ; a proof from the future by more than this is not one. */
const SKEW_SECONDS = 5;
/** Laptops' clocks run ahead; a proof is bound to its request and good once, so half a minute gives nothing away. */
const AHEAD_SECONDS = 30;
/** A session token of AWS's has at most some 4 kB; base64url adds a third. */
const MAX_HEADER = 12_000;

/** Everything that a presigned GetCallerIdentity has, each exactly once. The security token is for sessions alone. */
const REQUIRED = [
  'Action',
  'Version',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
] as const;
const OPTIONAL = 'X-Amz-Security-Token';

const SHAPES: Readonly<Record<(typeof REQUIRED)[number] | typeof OPTIONAL, RegExp>> = {
  Action: /^GetCallerIdentity$/,
  Version: /^2011-06-15$/,
  'X-Amz-Algorithm': /^AWS4-HMAC-SHA256$/,
  'X-Amz-Credential': /^\w{1,128}\/\d{8}\/[a-z0-9-]{1,32}\/sts\/aws4_request$/,
  'X-Amz-Date': /^\d{8}T\d{6}Z$/,
  'X-Amz-Expires': /^[1-9]\d{0,3}$/,
  'X-Amz-SignedHeaders': /^host;x-conveyor-binding$/,
  'X-Amz-Signature': /^[0-9a-f]{64}$/,
  'X-Amz-Security-Token': /^[A-Za-z0-9+/=_-]{1,8192}$/,
};

export interface ReadIdentity {
  readonly nonce: string;
  readonly query: string;
  readonly signature: string;
  readonly expiresAt: Date;
}

/** Checks everything about a proof that can be checked without asking STS. Throws NotAllowed naming the check. */
export function readIdentity(
  header: string | undefined,
  allowedEndpoint: URL,
  now: Date,
): ReadIdentity {
  const { nonce, text } = decode(header);
  const split = text.indexOf('/?');
  // The client's host is never used: it only tells a wrong region or a wrong stack from a forgery.
  if (split < 0 || text.slice(0, split) !== allowedEndpoint.host)
    throw refused('host', `sign for ${allowedEndpoint.host}`);
  const parameters = new URLSearchParams(text.slice(split + 2));
  checkNames([...parameters.keys()]);
  for (const [name, value] of parameters)
    if (!SHAPES[name as keyof typeof SHAPES].test(value))
      throw refused(name, `${name} is not what GetCallerIdentity has`);

  const value = (name: (typeof REQUIRED)[number]) => parameters.get(name) ?? '';
  const expiresAt = checkDates(
    value('X-Amz-Date'),
    value('X-Amz-Expires'),
    value('X-Amz-Credential'),
    now,
  );
  // Re-encoded from what was checked, so that no second reading of the same text can differ.
  return { nonce, query: parameters.toString(), signature: value('X-Amz-Signature'), expiresAt };
}

function decode(header: string | undefined): { nonce: string; text: string } {
  if (header === undefined || header === '') throw refused('header', 'send x-conveyor-identity');
  const [, nonce, encoded] = /^([\w-]{22})\.([\w-]+)$/.exec(header) ?? [];
  if (header.length > MAX_HEADER || nonce === undefined || encoded === undefined)
    throw refused('header', 'it is not a nonce and a query');
  const text = Buffer.from(encoded, 'base64url').toString('latin1');
  if (!/^[\x21-\x7e]+$/.test(text)) throw refused('header', 'it is not a query');
  return { nonce, text };
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw refused('parameters', 'one is there twice');
  const missing = REQUIRED.find((name) => !names.includes(name));
  if (missing !== undefined) throw refused('parameters', `${missing} is missing`);
  const unknown = names.some(
    (name) => name !== OPTIONAL && !(REQUIRED as readonly string[]).includes(name),
  );
  if (unknown) throw refused('parameters', 'one is not known');
}

function checkDates(date: string, expires: string, credential: string, now: Date): Date {
  const signedAt = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (Number.isNaN(signedAt) || credential.split('/')[1] !== date.slice(0, 8))
    throw refused('date', 'it is not a date');
  if (Number(expires) > IDENTITY_SECONDS)
    throw refused('expiry', `it may live ${IDENTITY_SECONDS} s`);
  const expiresAt = signedAt + Number(expires) * 1000;
  const age = now.getTime() - signedAt;
  if (age < -AHEAD_SECONDS * 1000 || now.getTime() > expiresAt + SKEW_SECONDS * 1000)
    throw refused(
      'date',
      `it was signed ${Math.round(age / 1000)} s ago; check the clock, then ask again`,
    );
  return new Date(expiresAt + SKEW_SECONDS * 1000);
}

/** The check that failed is told; what was sent is not repeated. */
export function refused(check: string, why: string): NotAllowed {
  return new NotAllowed(`the proof of identity was refused (${check}): ${why}`, {
    data: { check },
    fix: 'Ask again with valid AWS credentials and a correct clock.',
  });
}
