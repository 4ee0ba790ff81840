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
    },
  ) {}

  async expireAt(promotion: string, round: number, at: Date): Promise<void> {
    try {
      await this.client.send(
        new CreateScheduleCommand({
          Name: nameOf(promotion, round),
          GroupName: this.target.group,
          ScheduleExpression: `at(${at.toISOString().slice(0, 19)})`,
          ScheduleExpressionTimezone: 'UTC',
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: {
            Arn: this.target.functionArn,
            RoleArn: this.target.roleArn,
            Input: JSON.stringify({ promotion, round }),
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
