import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { ACCOUNTS, REGION } from '../../bin/twin/layout.ts';

const MACHINE = `arn:aws:states:${REGION}:${ACCOUNTS.tools}:execution:conveyor-promote`;

export interface ExecutionSeen {
  readonly startedAt: number;
  /** Each state that was entered, in order: AWS bills a transition for each. */
  readonly states: readonly { readonly name: string; readonly milliseconds: number }[];
  /** Functions called, retries included. */
  readonly lambdaCalls: number;
  /** History events; AWS ends an execution at 25,000. */
  readonly events: number;
}

export class Executions {
  readonly #client: SFNClient;

  constructor(endpoint: URL) {
    this.#client = new SFNClient({
      endpoint: endpoint.origin,
      region: REGION,
      credentials: { accessKeyId: ACCOUNTS.tools, secretAccessKey: 'twin' },
    });
  }

  /** What the promotion's execution did, once it has ended. */
  async ended(promotion: string): Promise<ExecutionSeen> {
    const executionArn = `${MACHINE}:${promotion}`;
    for (;;) {
      const { status } = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING') break;
      await sleep(50);
    }
    return read(await this.#history(executionArn));
  }

  async #history(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000, nextToken }),
      );
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }
}

function read(events: readonly HistoryEvent[]): ExecutionSeen {
  const at = (event: HistoryEvent | undefined) => event?.timestamp?.getTime() ?? Number.NaN;
  const entered = events.filter(({ type }) => type?.endsWith('StateEntered'));
  return {
    startedAt: at(events[0]),
    events: events.length,
    lambdaCalls: events.filter(({ type }) => type === 'TaskScheduled').length,
    states: entered.map((event, i) => ({
      name: event.stateEnteredEventDetails?.name ?? '',
      milliseconds: at(entered[i + 1] ?? events.at(-1)) - at(event),
    })),
  };
}
