import { SchedulerClient } from '@aws-sdk/client-scheduler';
import * as z from 'zod';
import { SchedulerAlarms } from '../adapters/scheduler-alarms.ts';
import { readEnv } from './env.ts';

const env = readEnv({
  EXPIRE_FUNCTION_ARN: z.string().min(1),
  SCHEDULE_ROLE_ARN: z.string().min(1),
  SCHEDULE_GROUP: z.string().min(1),
  DEAD_LETTERS_ARN: z.string().min(1),
});

export const alarms = new SchedulerAlarms(new SchedulerClient({}), {
  group: env.SCHEDULE_GROUP,
  functionArn: env.EXPIRE_FUNCTION_ARN,
  roleArn: env.SCHEDULE_ROLE_ARN,
  deadLettersArn: env.DEAD_LETTERS_ARN,
});
