import type * as z from 'zod';
import { InvalidInput } from '../../../lambdas/domain/errors.ts';
import type { Context } from '../context.ts';
import { parseArgument } from '../parse-argument.ts';

/** So often a wrong answer is asked again. */
const TRIES = 3;

/** One thing that `init` must know. */
export interface Wanted<T> {
  /** The flag that says it, with its two dashes. */
  readonly flag: string;
  /** How its value is written, as help has it: `<account>`. */
  readonly value: string;
  readonly question: string;
  readonly schema: z.ZodType<T>;
  readonly given: string | undefined;
  /** What is proposed; looked up only where the flag is not there. */
  readonly found: () => string | undefined | Promise<string | undefined>;
}

/** Asks for what flags did not say, where somebody is there; collects what is missing where nobody is. */
export class Asking {
  readonly #missing: string[] = [];
  /** The terminal went away: from then on as if nobody had been there. */
  #isGone = false;

  constructor(
    private readonly context: Context,
    /** Takes what was found without asking. */
    private readonly yes: boolean,
  ) {}

  /** Undefined: it is missing, and `requireAll` will say so. @throws InvalidInput for a value that cannot be */
  async value<T>(wanted: Wanted<T>): Promise<T | undefined> {
    const { flag, value, schema, given } = wanted;
    if (given !== undefined) return parseArgument(schema, given, flag);
    const found = await wanted.found();
    const { prompt } = this.context.host;
    if (prompt !== undefined && !this.yes && !this.#isGone) return this.#ask(wanted, found, prompt);
    if (found !== undefined) return parseArgument(schema, found, flag);
    this.#missing.push(`${flag} ${value}`);
    return undefined;
  }

  /** @throws InvalidInput that names every flag that is missing */
  requireAll(): void {
    if (this.#missing.length === 0) return;
    throw new InvalidInput(`init must know more than it can find: ${this.#missing.join(', ')}`, {
      data: { missing: [...this.#missing] },
      fix: 'Give these flags, or run it at a terminal, where it asks.',
    });
  }

  async #ask<T>(
    { question, schema, flag, value }: Wanted<T>,
    found: string | undefined,
    prompt: (text: string) => Promise<string | undefined>,
  ): Promise<T | undefined> {
    for (let left = TRIES; left > 0; left--) {
      const answer = await prompt(`${question}${found === undefined ? '' : ` [${found}]`}: `);
      if (answer === undefined) {
        // After Ctrl-C nothing is asked or looked for any more.
        this.context.host.interrupted.throwIfAborted();
        this.#isGone = true;
        break;
      }
      const parsed = schema.safeParse(answer.trim() === '' ? found : answer.trim());
      if (parsed.success) return parsed.data;
      this.context.reporter.line(parsed.error.issues[0]?.message ?? 'not valid');
    }
    this.#missing.push(`${flag} ${value}`);
    return undefined;
  }
}
