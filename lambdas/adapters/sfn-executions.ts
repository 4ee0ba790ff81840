import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { PromotionId } from '../domain/names.ts';
import type { Executions } from '../ports/executions.ts';
import type { PromotionRef } from '../ports/releases.ts';

export class SfnExecutions implements Executions {
  constructor(
    private readonly client: SFNClient,
    private readonly machineArn: string,
  ) {}

  async start(ref: PromotionRef, lineUpSeconds: number): Promise<string> {
    const input = JSON.stringify({
      promotion: ref.promotion,
      service: ref.service,
      environment: ref.environment,
      lineUpSeconds,
    });
    try {
      const command = new StartExecutionCommand({
        stateMachineArn: this.machineArn,
        name: ref.promotion,
        input,
      });
      return (await this.client.send(command)).executionArn ?? this.arnOf(ref.promotion);
    } catch (error) {
      // Same name and input while it runs is success by itself; once closed it is this error (StartExecution, API reference).
      if (error instanceof ExecutionAlreadyExists) return this.arnOf(ref.promotion);
      throw error;
    }
  }

  async wake(token: string): Promise<void> {
    try {
      await this.client.send(new SendTaskSuccessCommand({ taskToken: token, output: '{}' }));
    } catch (error) {
      if (
        error instanceof TaskTimedOut ||
        error instanceof TaskDoesNotExist ||
        error instanceof InvalidToken
      )
        return;
      throw error;
    }
  }

  async status(promotion: PromotionId): Promise<'running' | { closedAt: Date } | undefined> {
    try {
      const { status, stopDate, startDate } = await this.client.send(
        new DescribeExecutionCommand({ executionArn: this.arnOf(promotion) }),
      );
      if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return 'running';
      return { closedAt: stopDate ?? startDate ?? new Date(0) };
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }

  private arnOf(promotion: PromotionId): string {
    return `${this.machineArn.replace(':stateMachine:', ':execution:')}:${promotion}`;
  }
}
