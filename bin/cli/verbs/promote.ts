import { PromotionReply } from '../../../lambdas/board/contract.ts';
import { InvalidInput } from '../../../lambdas/domain/errors.ts';
import type { Context } from '../context.ts';
import { follow } from '../follow.ts';
import type { Outcome } from '../outcome.ts';
import { parseTimeout } from '../parse-argument.ts';
import { requestPromotion, type WaitOptions } from '../request-promotion.ts';
import { resolveId } from '../resolve-id.ts';

interface Options extends WaitOptions {
  readonly service?: string;
  readonly environment?: string;
  readonly version?: string;
  readonly reason?: string;
  readonly approval?: boolean;
  readonly attach?: string;
}

export async function promote(context: Context, options: Options): Promise<Outcome> {
  const { service, environment, version, reason, approval, attach } = options;
  if (attach !== undefined) return attachTo(context, attach, options);
  if (service === undefined || environment === undefined)
    throw new InvalidInput('a service and an environment are needed', {
      fix: 'Write: conveyor promote <service> <environment>',
    });
  return requestPromotion(
    context,
    { kind: 'promotion', service, environment, version, reason, approval },
    { wait: options.wait === true, seconds: parseTimeout(options.timeout) },
  );
}

async function attachTo(
  context: Context,
  attach: string,
  { service, wait, timeout }: Options,
): Promise<Outcome> {
  if (service !== undefined || wait === false)
    throw new InvalidInput('--attach follows one promotion: it takes no service and no --no-wait');
  const seconds = parseTimeout(timeout);
  const id = await resolveId(context, attach);
  const { promotion } = await (await context.api()).get(PromotionReply, `/promotions/${id}`);
  return follow(context, promotion, seconds);
}
