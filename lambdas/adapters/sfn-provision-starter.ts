import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ProvisionStarter } from '../ports/provision-runs.ts';

export class SfnProvisionStarter implements ProvisionStarter {
  constructor(
    private readonly client: SFNClient,
    private readonly machineArn: string,
  ) {}

  async start({ run, ...asked }: Parameters<ProvisionStarter['start']>[0]): Promise<void> {
    const input = JSON.stringify(asked);
    try {
      await this.client.send(
        new StartExecutionCommand({ stateMachineArn: this.machineArn, name: run, input }),
      );
    } catch (error) {
      // Same name and input while it runs is success by itself; once closed it is this error (StartExecution, API reference).
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
  }
}
