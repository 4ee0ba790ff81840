import { readdirSync, readFileSync } from 'node:fs';
import {
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { until } from '../../../bin/twin/journey/watch.ts';
import { ACCOUNTS, REGION } from '../../../bin/twin/layout.ts';
import type { OnStored } from '../../../bin/twin/registry-front.ts';
import type { Twin } from '../../../bin/twin/start-twin.ts';

export type Use = () => Twin;

let stored: OnStored = () => {};

/** The registries' hook; a test sets what shall happen when a manifest was stored and nobody was told yet. */
export const onRegistryStored: OnStored = (push) => stored(push);

export function whenStored(hook: OnStored): void {
  stored = hook;
}

/** SIGKILLs the processes of a function, as a dying sandbox would. Returns how many. */
export function killFunction(name: string): number {
  let killed = 0;
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (!variables.includes(`AWS_LAMBDA_FUNCTION_NAME=conveyor-${name}`)) continue;
      process.kill(Number(pid), 'SIGKILL');
      killed += 1;
    } catch {
      // It ended between the listing and the look, or belongs to somebody else.
    }
  }
  return killed;
}

export function toolsClient(twin: Twin) {
  return {
    endpoint: twin.endpoint.origin,
    region: REGION,
    credentials: { accessKeyId: ACCOUNTS.tools, secretAccessKey: 'twin' },
  };
}

const MACHINES = `arn:aws:states:${REGION}:${ACCOUNTS.tools}:stateMachine:`;

/** Runs the sweep now, as its schedule would, to its end. */
export async function sweep(twin: Twin, seconds = 60): Promise<void> {
  const sfn = new SFNClient(toolsClient(twin));
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn: `${MACHINES}conveyor-sweep`, input: '{}' }),
  );
  await until(
    'the sweep',
    async () => {
      const { executions = [] } = await sfn.send(
        new ListExecutionsCommand({ stateMachineArn: `${MACHINES}conveyor-sweep` }),
      );
      const own = executions.find((execution) => execution.executionArn === executionArn);
      if (own?.status === 'FAILED') throw new Error(`the sweep failed: ${executionArn}`);
      return own?.status === 'SUCCEEDED' ? true : undefined;
    },
    seconds,
  );
}

/** The states a promotion's execution entered, in order. */
export async function statesOf(twin: Twin, promotion: string): Promise<readonly string[]> {
  const sfn = new SFNClient(toolsClient(twin));
  const executionArn = `${MACHINES.replace(':stateMachine:', ':execution:')}conveyor-promote:${promotion}`;
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
  );
  return events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
}
