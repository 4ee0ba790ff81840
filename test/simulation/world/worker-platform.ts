import { createHmac } from 'node:crypto';
import type { Clock } from '../../../lambdas/ports/clock.ts';
import type { Cloudflare } from './run-worker.ts';

interface Init {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly signal: { readonly milliseconds: number };
}

/**
 * What a Worker finds around it, made of one machine's clock. Node's own would take time and chance from outside, and sign
 * in another thread.
 */
export function makePlatform({ ingress, say }: Cloudflare, clock: Clock) {
  const fetch = async (_url: URL, { headers, body, signal }: Init): Promise<Response> => {
    const tooLong = clock.sleep(signal.milliseconds).then(() => {
      throw new Error('TimeoutError: the operation was aborted');
    });
    const asked = ingress.fetch({ headers, body: Buffer.from(body).toString() });
    const { body: text, ...rest } = await Promise.race([asked, tooLong]);
    return new Response(text, rest);
  };
  class MachineDate extends Date {
    constructor(at: number | string | Date = clock.now().getTime()) {
      super(at);
    }
  }
  return {
    fetch,
    crypto: {
      randomUUID: () => Buffer.from(clock.randomBytes(16)).toString('hex'),
      subtle: {
        importKey: async (_format: string, key: Uint8Array) => key,
        sign: async (_name: string, key: Uint8Array, data: Uint8Array) =>
          Uint8Array.from(createHmac('sha256', key).update(data).digest()).buffer,
      },
    },
    Math: Object.create(Math, { random: { value: () => clock.random() } }),
    Date: MachineDate,
    AbortSignal: { timeout: (milliseconds: number) => ({ milliseconds }) },
    console: { log: say },
  };
}
