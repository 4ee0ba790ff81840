/** Everything the CLI has of the outside; the only thing that prints, or hears Ctrl-C. */
export interface IoHost {
  /** The result, and nothing but the result. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  readonly errIsTty: boolean;
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
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    errIsTty: process.stderr.isTTY === true,
    env: process.env,
    cwd: process.cwd(),
    interrupted: interrupt.signal,
    flush: async () => {
      for (const stream of [process.stdout, process.stderr])
        await new Promise<void>((done) => stream.write('', () => done()));
    },
  };
}
