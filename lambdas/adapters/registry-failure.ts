import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import {
  ArtifactMissing,
  type ConveyorError,
  RegistryRefused,
  RegistryUnavailable,
  RepositoryMissing,
} from '../domain/errors.ts';

/** What the other side said about why not, in its own words. */
export interface Words {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

/** What was attempted: `act` as words ("put manifest sha256:…"), where. */
export interface Attempt {
  readonly act: string;
  readonly host: string;
  readonly repository: string;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer | undefined;
}

const LONGEST_WORDS = 500;
const LONGEST_RETRY_AFTER = 60_000;

/** distribution-spec 1.1, "Error Codes". */
const SpecErrors = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() })).min(1),
});

/**
 * The code and message of an error body: the registry's JSON, or S3's XML after a redirect. Nothing else of the
 * body is kept, since S3 repeats the caller's session token in it (`InvalidToken`).
 */
export function readWords(body: Buffer | undefined): Words {
  const text = body?.toString('utf8') ?? '';
  const code = /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
  const first = code === undefined ? parseSpecError(text) : undefined;
  const message = first?.message ?? /<Message>([^<]+)<\/Message>/.exec(text)?.[1];
  return { code: first?.code ?? code, message: message?.slice(0, LONGEST_WORDS) };
}

function parseSpecError(text: string): Words | undefined {
  try {
    return SpecErrors.parse(JSON.parse(text)).errors[0];
  } catch {
    return undefined;
  }
}

/** 408, 429 and 5xx pass; S3 throttles with 503 (cdk-ecr-deployment #1328). */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

export function throttled(
  host: string,
  status: number,
  words: Words,
  retryAfterMilliseconds: number,
): RegistryUnavailable {
  return new RegistryUnavailable(`${host} answered ${said(status, words)}`, {
    data: { host, status, ...words, retryAfterMilliseconds },
    fix: 'Try again; if it lasts, look at the registry’s quotas and health.',
  });
}

/** The typed error for a final answer that is not the hoped-for one. */
export function refusal({ status, body }: Answer, attempt: Attempt): ConveyorError {
  const words = readWords(body);
  if (status === 404 && words.code === 'NAME_UNKNOWN') return repositoryMissing(attempt);
  const { act, host, repository } = attempt;
  return new RegistryRefused(`Could not ${act} in ${host}/${repository}: ${said(status, words)}`, {
    data: { ...attempt, status, ...words },
  });
}

/** The error for a 404 that means what was sought, not its repository. */
export function artifactMissing(
  { status, body }: Answer,
  { host, repository }: Attempt,
  reference: string,
): ArtifactMissing | undefined {
  if (status !== 404 || readWords(body).code === 'NAME_UNKNOWN') return undefined;
  return new ArtifactMissing(`${reference} is not in ${host}/${repository}`, {
    data: { host, repository, reference },
    fix: 'Push the artifact again, or name one that is there.',
  });
}

export function repositoryMissing({ act, host, repository }: Attempt): RepositoryMissing {
  return new RepositoryMissing(
    `Could not ${act}: there is no repository ${repository} at ${host}`,
    {
      data: { host, repository },
      fix: `Create the repository ${repository}, or correct its name.`,
    },
  );
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), at most a minute. */
export function retryAfter(headers: IncomingHttpHeaders, now: Date): number {
  const value = headers['retry-after'];
  if (value === undefined) return 0;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER) : 0;
}

function said(status: number, { code, message }: Words): string {
  return [String(status), code, message && `“${message}”`].filter(Boolean).join(' ');
}
