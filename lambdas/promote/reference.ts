import * as z from 'zod';
import { EnvironmentName, PromotionId, ServiceName } from '../domain/names.ts';

/** What every state of `promote` hands to its function. */
export const Reference = z.object({
  promotion: PromotionId,
  service: ServiceName,
  environment: EnvironmentName,
});

/** The same, and how often this execution has asked the hosts before. */
export const HostsReference = Reference.extend({ polls: z.int().nonnegative().default(0) });

/**
 * The same with the waiting state's task token, which is good for waking and for nothing else, and which asking it is of:
 * when the state was entered, and how often it was tried since (`$states.context.State`). An execution that was started
 * under an older definition does not say: of its tokens, the one that was written last counts.
 */
export const TokenReference = Reference.extend({
  token: z.string().min(1).max(2_048),
  enteredAt: z.iso.datetime().default('1970-01-01T00:00:00.000Z'),
  attempt: z.int().nonnegative().default(0),
}).transform(({ token, enteredAt, attempt, ...ref }) => {
  const asking = `${new Date(enteredAt).toISOString()} ${String(attempt).padStart(4, '0')}`;
  return { ...ref, waiting: { token, asking } };
});
export type TokenReference = z.output<typeof TokenReference>;
