import { never } from '../loop.ts';

/** A line of work of an execution: its variables, and whether it goes on. What is stopped never comes back. */
export class Branch {
  readonly #variables = new Map<string, unknown>();
  #stopped = false;

  constructor(private readonly parent?: Branch) {}

  get isStopped(): boolean {
    return this.#stopped || this.parent?.isStopped === true;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** What is awaited, if this goes on by then. */
  async alive<T>(awaited: Promise<T>): Promise<T> {
    try {
      const result = await awaited;
      return this.isStopped ? await never() : result;
    } catch (error) {
      if (this.isStopped) return never();
      throw error;
    }
  }

  /** Every variable that can be read here; inner scopes read outer ones ("Variable scope"). */
  variables(): Record<string, unknown> {
    return { ...this.parent?.variables(), ...Object.fromEntries(this.#variables) };
  }

  /** All at once. A name of an outer scope cannot be had again within ("Variable scope"): AWS refuses such a definition. */
  assign(values: Readonly<Record<string, unknown>>): void {
    const outer = this.parent?.variables() ?? {};
    for (const [name, value] of Object.entries(values)) {
      if (Object.hasOwn(outer, name))
        throw new Error(`The variable ${name} belongs to an outer scope and cannot be assigned`);
      this.#variables.set(name, value);
    }
  }
}
