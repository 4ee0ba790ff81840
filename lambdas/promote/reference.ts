import * as z from 'zod';
import { EnvironmentName, PromotionId, ServiceName } from '../domain/names.ts';

/** What every state of `promote` hands to its function. */
export const Reference = z.object({
  promotion: PromotionId,
  service: ServiceName,
  environment: EnvironmentName,
});

/** The same with the waiting state's task token, which is good for waking and for nothing else. */
export const TokenReference = Reference.extend({ token: z.string().min(1).max(2_048) });
