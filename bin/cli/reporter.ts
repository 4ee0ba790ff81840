import type { IoHost } from './io-host.ts';

/** Progress, on stderr: lines that stay, and on a terminal one line that says what is waited for. */
export interface Reporter {
  /** `waiting` is seen: on a terminal. */
  readonly rewrites: boolean;
  line(text: string): void;
  waiting(text: string): void;
  clear(): void;
}

const NOTHING: Reporter = { rewrites: false, line: () => {}, waiting: () => {}, clear: () => {} };
const ERASE = '\r\u001b[2K';

export function openReporter(host: IoHost, quiet: boolean): Reporter {
  if (quiet) return NOTHING;
  const plainLines: Reporter = { ...NOTHING, line: (text) => host.err(`${text}\n`) };
  if (!host.errIsTty || host.env.TERM === 'dumb' || host.env.CI) return plainLines;
  const colour = host.env.NO_COLOR === undefined || host.env.NO_COLOR === '';
  const dim = (text: string) => (colour ? `\u001b[2m${text}\u001b[22m` : text);
  return {
    rewrites: true,
    line: (text) => host.err(`${ERASE}${text}\n`),
    // A terminal that wraps the line could not erase it again.
    waiting: (text) => host.err(`${ERASE}${dim(text.slice(0, 76))}`),
    clear: () => host.err(ERASE),
  };
}
