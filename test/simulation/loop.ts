/** What waits for its time; of one time, in the order of asking. */
interface Timer {
  readonly at: number;
  readonly order: number;
  go: (() => void) | undefined;
}

/**
 * Never comes back: what runs in a process that is gone, or in a branch that was stopped. A new promise each time: one for
 * all would hold on to everybody who ever waited for it.
 */
export const never = () => new Promise<never>(() => {});

/**
 * Time and order of a simulated world. Everything in it waits here, for its turn or for a moment; one thing at a time goes
 * on, chosen by `pick`, and only once all that the one before set off has come to rest. So one sequence of choices is one
 * course of events.
 */
export class Loop {
  #now: number;
  #order = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Work of other threads that has not come back yet. */
  readonly #elsewhere = new Set<Promise<unknown>>();
  readonly #ready: (() => void)[] = [];
  readonly #timers: Timer[] = [];

  constructor(
    start: number,
    /** Which of `n` goes on. */
    private readonly pick: (n: number) => number,
  ) {
    this.#now = start;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#now;
  }

  /** Goes on when it is chosen among all that could. */
  turn(): Promise<void> {
    return new Promise((go) => this.#ready.push(go));
  }

  sleep(milliseconds: number): Promise<void> {
    return this.until(this.#now + Math.max(0, Math.round(milliseconds)));
  }

  /** Comes to turn once that moment is reached. */
  until(at: number): Promise<void> {
    this.#order += 1;
    const { promise, go } = door();
    push(this.#timers, { at, order: this.#order, go });
    return promise;
  }

  /** Calls `ring` once that time is over, unless it is called off before: most time limits never come. */
  alarm(milliseconds: number, ring: () => void): () => void {
    this.#order += 1;
    const at = this.#now + Math.max(0, Math.round(milliseconds));
    const timer: Timer = { at, order: this.#order, go: ring };
    push(this.#timers, timer);
    return () => {
      timer.go = undefined;
    };
  }

  /** Begins something that nobody awaits. What it throws stops the run: nothing in a simulation may fail unseen. */
  spawn(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => this.fail(error));
  }

  /** Takes no time in this world, however long another thread needs for it: nothing goes on meanwhile. */
  async elsewhere<T>(work: Promise<T>): Promise<T> {
    this.#elsewhere.add(work);
    try {
      return await work;
    } finally {
      this.#elsewhere.delete(work);
    }
  }

  /** Stops the run. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Lets everything happen up to a moment; then it is that moment, or earlier where nothing is left to happen. */
  async run(until = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      await rest();
      if (this.#elsewhere.size > 0) {
        await Promise.allSettled(this.#elsewhere);
        continue;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      const next = this.#next(until);
      if (next === undefined) break;
      next();
    }
    if (until !== Number.POSITIVE_INFINITY) this.#now = Math.max(this.#now, until);
  }

  #next(until: number): (() => void) | undefined {
    const { length } = this.#ready;
    if (length > 0) return this.#ready.splice(length === 1 ? 0 : this.pick(length), 1)[0];
    for (;;) {
      const first = this.#timers[0];
      if (first === undefined || first.at > until) return undefined;
      pop(this.#timers);
      if (first.go === undefined) continue;
      this.#now = Math.max(this.#now, first.at);
      return first.go;
    }
  }
}

function door(): { promise: Promise<void>; go: () => void } {
  let go: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { promise, go };
}

/** All promises and ticks that could go on have gone on. */
const rest = () => new Promise<void>((resolve) => setImmediate(resolve));

const before = (a: Timer, b: Timer) => a.at - b.at || a.order - b.order;

/** A binary heap: a storm has tens of thousands of timers. */
function push(heap: Timer[], timer: Timer): void {
  let at = heap.length;
  heap.push(timer);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || before(above, timer) <= 0) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    if (left === undefined) break;
    const goRight = right !== undefined && before(right, left) < 0;
    const child = goRight ? right : left;
    if (before(child, last) >= 0) break;
    heap[at] = child;
    at = 2 * at + (goRight ? 2 : 1);
  }
  heap[at] = last;
}
