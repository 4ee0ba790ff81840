import { HistoryReply, StatusReply } from '../../lambdas/board/contract.ts';
import { InvalidInput, NotFound } from '../../lambdas/domain/errors.ts';
import { PromotionId } from '../../lambdas/domain/names.ts';
import type { Promotion } from '../../lambdas/domain/promotion.ts';
import type { Context } from './context.ts';
import { parseId } from './parse-argument.ts';

/** The promotion that was meant: an id in full is taken as it is, a beginning must fit exactly one that is known. */
export async function resolveId({ api }: Context, typed: string): Promise<PromotionId> {
  const start = parseId(typed);
  const whole = PromotionId.safeParse(start);
  if (whole.success) return whole.data;

  const stack = await api();
  const { services, yours } = await stack.get(StatusReply, '/status');
  const cells = services.flatMap((service) => service.cells);
  const current = cells
    .flatMap(({ running, queued }) => [running, ...queued])
    .filter((p) => p !== undefined);
  let found = fitting([...current, ...yours], start);
  if (found.length === 0)
    found = fitting((await stack.get(HistoryReply, '/history')).promotions, start);
  const [one, ...others] = found;
  if (one === undefined)
    throw new NotFound(`no promotion begins with ${start}`, {
      fix: 'Copy it from: conveyor history',
    });
  if (others.length === 0) return one.id;
  const candidates = found.map(
    ({ id, service, environment }) => `${id} (${service} into ${environment})`,
  );
  throw new InvalidInput(
    `${start} is the beginning of ${candidates.length}: ${candidates.join(', ')}`,
    {
      fix: 'Type more of it.',
      data: { candidates },
    },
  );
}

function fitting(promotions: readonly Promotion[], start: string): Promotion[] {
  return [
    ...new Map(promotions.filter(({ id }) => id.startsWith(start)).map((p) => [p.id, p])).values(),
  ];
}
