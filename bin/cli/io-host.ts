/** Everything the CLI has of the outside; the only thing that prints, or hears Ctrl-C. */
export interface IoHost {
  /** The result, and nothing but the result. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  readonly errIsTty: boolean;
  /**
   * Asks one question on stderr; undefined where the terminal ends or Ctrl-C comes. Only there where somebody can answer:
   * at a terminal, outside of CI.
   */
  readonly prompt?: (question: string) => Promise<string | undefined>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts when the user presses Ctrl-C (or the CI job is cancelled). */
  readonly interrupted: AbortSignal;
}

export function processHost(): IoHost & { flush(): Promise<void> } {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
  // `conveyor history | head` closes the pipe early; that is no error.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  const isAnswered = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    errIsTty: process.stderr.isTTY === true,
    ...(isAnswered && !process.env.CI && { prompt: (text: string) => ask(text, interrupt) }),
    env: process.env,
    cwd: process.cwd(),
    interrupted: interrupt.signal,
    flush: async () => {
      for (const stream of [process.stdout, process.stderr])
        await new Promise<void>((done) => stream.write('', () => done()));
    },
  };
}

async function ask(question: string, interrupt: AbortController): Promise<string | undefined> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // At a prompt the terminal sends Ctrl-C as a key.
  lines.on('SIGINT', () => interrupt.abort());
  interrupt.signal.addEventListener('abort', () => lines.close(), { once: true });
  try {
    return await new Promise((done) => {
      lines.once('close', () => done(undefined));
      lines.question(question, done);
    });
  } finally {
    lines.close();
  }
}
