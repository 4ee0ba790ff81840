import { SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { SnsNotices } from '../adapters/sns-notices.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import type { Notices } from '../ports/notices.ts';
import { readEnv } from './env.ts';
import { logger } from './handler.ts';
import { secret } from './ssm.ts';

const env = readEnv({
  APPROVALS_TOPIC_ARN: z.string().min(1),
  NOTICES_TOPIC_ARN: z.string().min(1),
});
const sns = new SNSClient({});

export function notices(config: ConveyorConfig): Notices {
  const slack = config.notifications.slack;
  return new SnsNotices(sns, {
    approvalsTopicArn: env.APPROVALS_TOPIC_ARN,
    noticesTopicArn: env.NOTICES_TOPIC_ARN,
    ...(slack && { slack: { webhook: () => secret(slack.webhook), channel: slack.channel } }),
    onSlackFailure: (problem) => logger.warn(`Slack was not told: ${problem}`),
  });
}
