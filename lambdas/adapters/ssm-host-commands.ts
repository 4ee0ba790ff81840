import {
  CancelCommandCommand,
  type CommandInvocation,
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { Unavailable } from '../domain/errors.ts';
import { InstanceId } from '../domain/rollout.ts';
import type { CommandToSend, HostCommands, Invocation, Sent } from '../ports/host-commands.ts';
import { explainHosts } from './hosts-failure.ts';

/** "SendCommand", `TimeoutSeconds`: how long a command waits for its host to take it; 30 seconds at least. */
const LEAST_DELIVERY_SECONDS = 30;
const MOST_DELIVERY_SECONDS = 600;
/** Two clocks. */
const SKEW_MILLISECONDS = 60_000;
/** The statuses from which an invocation goes on ("ListCommandInvocations", `Status`). */
const UNDER_WAY = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** Where the hosts' agents put all that a script says; of itself, Run Command shows 2,500 characters of it. */
export interface CommandOutput {
  readonly bucket: string;
  /** `<prefix>/<command>/<instance>/…` */
  readonly prefix: string;
}

/** Run Command with the one document that Conveyor ships. */
export class SsmHostCommands implements HostCommands {
  constructor(
    private readonly ssm: SSMClient,
    private readonly document: string,
    private readonly output: CommandOutput,
  ) {}

  async send(command: CommandToSend): Promise<Sent> {
    try {
      return await this.#send(command);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'InvalidInstanceId')
        throw explainHosts(error, command.comment);
      // One that was terminated, and none of them is sent to ("SendCommand", Errors).
      const here = await this.#call(command.comment, () => this.#online(command.instances));
      if (here.length === 0) return { to: [] };
      if (here.length === command.instances.length) throw explainHosts(error, command.comment);
      return this.#call(command.comment, () => this.#send({ ...command, instances: here }));
    }
  }

  async #send({ request, instances, comment, within }: CommandToSend): Promise<Sent> {
    const { Command } = await this.ssm.send(
      new SendCommandCommand({
        DocumentName: this.document,
        InstanceIds: [...instances],
        Parameters: { Request: [request] },
        Comment: comment,
        OutputS3BucketName: this.output.bucket,
        OutputS3KeyPrefix: this.output.prefix,
        // Conveyor goes in waves itself; within one, all hosts go at once.
        MaxConcurrency: '100%',
        MaxErrors: '100%',
        TimeoutSeconds: Math.min(MOST_DELIVERY_SECONDS, Math.max(LEAST_DELIVERY_SECONDS, within)),
      }),
    );
    if (Command?.CommandId === undefined)
      throw new Unavailable('SSM took a command and did not say its id', { data: { comment } });
    return { id: Command.CommandId, to: instances };
  }

  /** Those of at most fifty whose agents are there to be told. */
  async #online(instances: readonly InstanceId[]): Promise<InstanceId[]> {
    const online = new Set<string | undefined>();
    let next: string | undefined;
    do {
      const page = await this.ssm.send(
        new DescribeInstanceInformationCommand({
          Filters: [
            { Key: 'InstanceIds', Values: [...instances] },
            { Key: 'PingStatus', Values: ['Online'] },
          ],
          MaxResults: 50,
          NextToken: next,
        }),
      );
      for (const one of page.InstanceInformationList ?? []) online.add(one.InstanceId);
      next = page.NextToken;
    } while (next !== undefined);
    return instances.filter((instance) => online.has(instance));
  }

  async find(comment: string, since: Date): Promise<string | undefined> {
    const after = new Date(since.getTime() - SKEW_MILLISECONDS);
    let next: string | undefined;
    do {
      const page = await this.#call(comment, () =>
        this.ssm.send(
          new ListCommandsCommand({
            Filters: [
              { key: 'InvokedAfter', value: `${after.toISOString().slice(0, 19)}Z` },
              { key: 'DocumentName', value: this.document },
            ],
            MaxResults: 50,
            NextToken: next,
          }),
        ),
      );
      const found = page.Commands?.find(({ Comment }) => Comment === comment);
      if (found?.CommandId !== undefined) return found.CommandId;
      next = page.NextToken;
    } while (next !== undefined);
    return undefined;
  }

  async invocations(id: string): Promise<readonly Invocation[]> {
    const seen: Invocation[] = [];
    let next: string | undefined;
    do {
      const page = await this.#call(id, () =>
        this.ssm.send(
          new ListCommandInvocationsCommand({
            CommandId: id,
            Details: true,
            MaxResults: 50,
            NextToken: next,
          }),
        ),
      );
      seen.push(...(page.CommandInvocations ?? []).flatMap(invocationOf));
      next = page.NextToken;
    } while (next !== undefined);
    return seen;
  }

  async cancel(id: string): Promise<void> {
    await this.#call(id, () => this.ssm.send(new CancelCommandCommand({ CommandId: id })));
  }

  async #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw explainHosts(error, what);
    }
  }
}

function invocationOf(one: CommandInvocation): Invocation[] {
  const instance = InstanceId.safeParse(one.InstanceId);
  if (!instance.success) return [];
  return [
    {
      instance: instance.data,
      ended: !UNDER_WAY.has(one.Status ?? 'Pending'),
      detail: one.StatusDetails ?? one.Status ?? 'unknown',
      output: (one.CommandPlugins ?? []).map(({ Output = '' }) => Output).join('\n'),
    },
  ];
}
