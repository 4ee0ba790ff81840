import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  type SchedulerClient,
} from '@aws-sdk/client-scheduler';
import type { Alarms } from '../ports/notices.ts';

/** One-off schedules, which delete themselves once they have rung (EventBridge Scheduler, "ActionAfterCompletion"). */
export class SchedulerAlarms implements Alarms {
  constructor(
    private readonly client: SchedulerClient,
    private readonly target: {
      readonly group: string;
      readonly functionArn: string;
      readonly roleArn: string;
      /** Where an alarm goes that could not ring. */
      readonly deadLettersArn: string;
    },
  ) {}

  async expireAt(promotion: string, round: number, at: Date): Promise<void> {
    try {
      await this.client.send(
        new CreateScheduleCommand({
          Name: nameOf(promotion, round),
          GroupName: this.target.group,
          ScheduleExpression: `at(${wholeSecond(at)})`,
          ScheduleExpressionTimezone: 'UTC',
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: {
            Arn: this.target.functionArn,
            RoleArn: this.target.roleArn,
            Input: JSON.stringify({ promotion, round }),
            RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
            DeadLetterConfig: { Arn: this.target.deadLettersArn },
          },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConflictException)) throw error;
    }
  }

  async cancel(promotion: string, round: number): Promise<void> {
    try {
      await this.client.send(
        new DeleteScheduleCommand({ Name: nameOf(promotion, round), GroupName: this.target.group }),
      );
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  }
}

function nameOf(promotion: string, round: number): string {
  return `${promotion}-${round}`;
}

/** Schedules know whole seconds: the next one, as an alarm that rings before its time would change nothing. */
function wholeSecond(at: Date): string {
  return new Date(Math.ceil(at.getTime() / 1_000) * 1_000).toISOString().slice(0, 19);
}
