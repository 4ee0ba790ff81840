import { EventBridgeBus } from '../../../lambdas/adapters/eventbridge-bus.ts';
import type { Bus } from '../../../lambdas/ports/bus.ts';
import { StatesError } from '../asl/errors.ts';
import { SECRET, type SecretStore, secretStore } from './ingress.ts';
import type { Cloudflare, IngressRequest, IngressResponse } from './run-worker.ts';
import { SimBus } from './sim-bus.ts';
import { SimQueue } from './sim-queue.ts';
import type { World } from './world.ts';

type OnWire = <T extends object>(port: string, target: T) => T;

/** What lies between a bucket of R2 and Conveyor: queue, worker, ingress, bus. */
export class R2Side {
  readonly bus: SimBus;
  readonly queue: SimQueue;
  /** Every request that the worker has made, as somebody on the line may have kept it. */
  readonly requests: IngressRequest[] = [];
  /** What the worker or the queue gave up on. */
  readonly deadLetters: unknown[] = [];
  /** Milliseconds that the worker's clock is off. */
  workerSkew = 0;

  constructor(private readonly world: World) {
    this.bus = new SimBus(world);
    this.queue = new SimQueue(world, this.deadLetters);
  }

  /** Asks as a Function URL is asked: whatever the function died of, it answers. */
  async ask(request: IngressRequest): Promise<IngressResponse> {
    try {
      return (await this.world.invoke('ingress', request)) as IngressResponse;
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      return { status: 502, headers: {}, body: '{"Message":"Internal Server Error"}' };
    }
  }

  /** The ports of one process. */
  ports(on: OnWire): { bus: Bus; secretStore: SecretStore; cloudflare: Cloudflare } {
    const bucket = this.world.config.releaseStore.r2?.bucket ?? '';
    const bridge = on('bus', this.bus);
    const client = {
      send: ({ input }: { input: Parameters<SimBus['putEvents']>[0] }) => bridge.putEvents(input),
    };
    return {
      bus: new EventBridgeBus('conveyor', client as never),
      secretStore: on('ssm', secretStore),
      cloudflare: {
        bucket,
        secret: SECRET,
        say: (line) => this.world.say(line),
        ingress: on('ingress', {
          fetch: (request) => {
            this.requests.push(request);
            return this.ask(request);
          },
        }),
        releases: on('r2', { head: (key) => this.#head(bucket, key) }),
        deadLetters: on('dead-letters', {
          send: async (body) => {
            this.deadLetters.push(body);
          },
        }),
      },
    };
  }

  async #head(bucket: string, key: string) {
    const object = await this.world.buckets[bucket]?.head(key);
    if (object === undefined) return null;
    const { bytes, etag, at } = object;
    return { size: bytes, etag, uploaded: new Date(at), checksums: {} };
  }
}
