import type { Context } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { parseTimeout } from '../parse-argument.ts';
import { requestPromotion, type WaitOptions } from '../request-promotion.ts';

interface Options extends WaitOptions {
  readonly service: string;
  readonly environment: string;
  readonly to?: string;
  readonly reason?: string;
}

export function rollback(context: Context, options: Options): Promise<Outcome> {
  const { service, environment, to, reason } = options;
  return requestPromotion(
    context,
    { kind: 'rollback', service, environment, version: to, reason },
    { wait: options.wait === true, seconds: parseTimeout(options.timeout) },
  );
}
