import type { PromotionState } from '../../lambdas/domain/promotion.ts';

/** The one table of exit codes: help, documentation and the program read it. Codes are only ever added. */
export const EXIT_CODES = [
  { code: 0, name: 'done', means: 'done' },
  { code: 1, name: 'failed', means: 'failed' },
  { code: 2, name: 'usage', means: 'wrong usage, or a name that does not exist' },
  { code: 3, name: 'refused', means: 'refused by a gate or a person, expired, or superseded' },
  { code: 4, name: 'auth', means: 'no credentials, or not who may do this' },
  { code: 5, name: 'timeout', means: 'still running when --timeout ended' },
  { code: 130, name: 'interrupted', means: 'interrupted; a promotion goes on' },
] as const;

export type ExitName = (typeof EXIT_CODES)[number]['name'];

export const EXIT = Object.fromEntries(EXIT_CODES.map(({ name, code }) => [name, code])) as Record<
  ExitName,
  number
>;

/** Exit code by error class (lambdas/domain/errors.ts); what is not here has failed. */
const BY_ERROR: Readonly<Record<string, ExitName>> = {
  InvalidInput: 'usage',
  NotFound: 'usage',
  Refused: 'refused',
  NotAllowed: 'auth',
};

const BY_STATE: Partial<Record<PromotionState, ExitName>> = {
  promoted: 'done',
  superseded: 'refused',
  rejected: 'refused',
  expired: 'refused',
  refused: 'refused',
  quarantined: 'refused',
};

export const exitOfError = (code: string): number =>
  EXIT[(Object.hasOwn(BY_ERROR, code) && BY_ERROR[code]) || 'failed'];

/** The exit code of a promotion that has ended. */
export const exitOfState = (state: PromotionState): number => EXIT[BY_STATE[state] ?? 'failed'];

export function exitCodesHelp(): string {
  return [
    '',
    'Exit codes:',
    ...EXIT_CODES.map(({ code, means }) => `  ${String(code).padEnd(4)} ${means}`),
  ].join('\n');
}
