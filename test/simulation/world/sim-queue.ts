import { readFileSync } from 'node:fs';
import { StatesError } from '../asl/errors.ts';
import type { Handled } from './run-worker.ts';
import type { World } from './world.ts';

/** The consumer's settings, as the example ships them. */
interface Consumer {
  readonly max_batch_size: number;
  /** Seconds, like all of them. */
  readonly max_batch_timeout: number;
  readonly max_retries: number;
  readonly retry_delay: number;
}

const [CONSUMER] = (
  JSON.parse(
    readFileSync('examples/r2-worker/wrangler.jsonc', 'utf8').replace(/^\s*\/\/.*$/gm, ''),
  ) as { queues: { consumers: [Consumer] } }
).queues.consumers;

interface Held {
  readonly id: string;
  readonly body: unknown;
  attempts: number;
}

/**
 * The Cloudflare Queue between R2 and the worker: at least once, in batches, each message again after the delay that the
 * worker asks for, and at last among the dead letters (Cloudflare docs: "Queues, Batching, Retries and Delays", "Delivery
 * guarantees"). A handler that dies or throws has acknowledged nothing.
 */
export class SimQueue {
  /** All that was ever sent, by id. */
  readonly known = new Map<string, unknown>();
  /** Messages that are neither acknowledged nor dead. */
  readonly open = new Set<string>();
  /** Hear of every message as it is acknowledged. */
  readonly listeners: ((id: string, body: unknown) => void)[] = [];
  readonly #ready: Held[] = [];
  #gathers = false;

  constructor(
    private readonly world: World,
    private readonly deadLetters: unknown[],
  ) {}

  send(body: unknown): void {
    const message = { id: `m${this.known.size + 1}`, body, attempts: 0 };
    this.known.set(message.id, body);
    this.open.add(message.id);
    this.#offer(message);
  }

  #offer(message: Held): void {
    this.#ready.push(message);
    if (this.#gathers) return;
    this.#gathers = true;
    const { loop, random, wire } = this.world;
    loop.spawn(async () => {
      await loop.sleep(random.below(CONSUMER.max_batch_timeout * 1_000));
      for (let up = 0; up <= loop.now(); ) {
        up = wire.outages.get('queue') ?? loop.now();
        if (up <= loop.now()) break;
        await loop.until(up);
      }
      this.#gathers = false;
      const batch = this.#ready.splice(0, CONSUMER.max_batch_size);
      const [next] = this.#ready.splice(0, 1);
      if (next !== undefined) this.#offer(next);
      await this.#consume(batch);
    });
  }

  async #consume(batch: readonly Held[]): Promise<void> {
    for (const message of batch) message.attempts += 1;
    const handled = await this.#handle(batch);
    for (const message of batch) {
      const { id } = message;
      const again = handled?.[id] ?? { delaySeconds: CONSUMER.retry_delay };
      if (again === 'acknowledged') {
        this.open.delete(id);
        for (const hear of this.listeners) hear(id, message.body);
        if (this.world.isRough && this.world.random.chance(0.05)) this.#later(message, 30);
      } else if (message.attempts > CONSUMER.max_retries) {
        this.open.delete(id);
        this.deadLetters.push(message.body);
      } else this.#later(message, again.delaySeconds);
    }
  }

  async #handle(batch: readonly Held[]): Promise<Handled | undefined> {
    const messages = batch.map(({ id, body, attempts }) => ({ id, body, attempts }));
    try {
      return (await this.world.invoke('r2-worker', { messages })) as Handled;
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      this.world.say(`the worker failed: ${error.name}`);
      return undefined;
    }
  }

  #later(message: Held, seconds: number): void {
    const { loop } = this.world;
    loop.spawn(async () => {
      await loop.sleep(seconds * 1_000);
      this.#offer(message);
    });
  }
}
