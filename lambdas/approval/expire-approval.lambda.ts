import * as z from 'zod';
import { PromotionId } from '../domain/names.ts';
import { clock } from '../runtime/clock.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals } from '../runtime/state.ts';
import { expireApproval } from './expire-approval.ts';

const Input = z.object({ promotion: PromotionId, round: z.int().positive() });

export const handler = makeHandler(Input, ({ promotion, round }) =>
  expireApproval({ approvals, clock, executions, sealer }, promotion, round),
);
