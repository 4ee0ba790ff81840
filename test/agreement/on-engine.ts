import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  SFNServiceException,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { build } from 'esbuild';
import { openAnswers } from './answers.ts';
import type { Case } from './case.ts';
import { filledIn, type Seen } from './judge.ts';
import { zipOf } from './zip.ts';

/** An account of the emulator that nobody else uses. */
const ACCOUNT = '555555555555';
const REGION = 'us-east-1';
const NAME = 'agreement';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/agreement`;
const PATIENCE_MS = 30_000;
/** What the API says to a definition, a name or an input that it does not take. */
const REFUSALS = [
  ...['InvalidDefinition', 'InvalidName', 'InvalidExecutionInput', 'ValidationException'],
  'StateMachineLimitExceeded',
];

/** Runs cases on the Step Functions engine of the twin's emulator. */
export interface Engine {
  run(one: Case): Promise<Seen>;
  close(): void;
}

export async function openEngine(endpoint: URL): Promise<Engine> {
  const client = {
    endpoint: endpoint.origin,
    region: REGION,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'twin' },
  };
  const sfn = new SFNClient(client);
  const answers = await openAnswers(sfn);
  await deployFunction(new LambdaClient(client), answers.url);
  const opened = Date.now().toString(36);
  let machines = 0;
  return {
    run: async (one) => {
      machines += 1;
      const run = `${opened}-${machines}`;
      try {
        const executionArn = await start(sfn, one, run);
        if (one.stop !== undefined) {
          await sleep(1_000);
          await sfn.send(new StopExecutionCommand({ executionArn, ...one.stop }));
        }
        return await seenOf(sfn, executionArn);
      } catch (error) {
        if (!(error instanceof SFNServiceException && REFUSALS.includes(error.name))) throw error;
        return { status: 'REFUSED', cause: error.message, states: [], seconds: 0 };
      }
    },
    close: () => {
      answers.close();
      sfn.destroy();
    },
  };
}

async function start(sfn: SFNClient, one: Case, run: string): Promise<string> {
  const { definition, input } = filledIn(one, NAME, run);
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: `agreement-${run}`,
      definition: JSON.stringify(definition),
      roleArn: ROLE,
    }),
  );
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({
      stateMachineArn,
      name: one.named ?? run,
      input: JSON.stringify(input),
    }),
  );
  if (executionArn === undefined) throw new Error('the execution has no ARN');
  return executionArn;
}

async function seenOf(sfn: SFNClient, executionArn: string): Promise<Seen> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { status, output, error, cause, startDate, stopDate } = await sfn.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    if (status !== 'RUNNING' || Date.now() > deadline) {
      const { events = [] } = await sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
      );
      const states = events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
      const seconds = (Number(stopDate ?? Date.now()) - Number(startDate)) / 1_000;
      const seen = { status: status ?? 'UNKNOWN', error, cause, states, seconds };
      return status === 'SUCCEEDED' ? { ...seen, output: JSON.parse(output ?? 'null') } : seen;
    }
    await sleep(150);
  }
}

async function deployFunction(lambda: LambdaClient, ANSWERS: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('twin-function.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error('nothing was bundled');
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: NAME,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: ROLE,
      Timeout: 30,
      Code: { ZipFile: zipOf('index.js', bundle.contents) },
      Environment: { Variables: { ANSWERS } },
    }),
  );
}

/** Every case once, so many at a time; what each came to, in their order. */
export async function runAll<T>(
  cases: readonly T[],
  atOnce: number,
  run: (one: T) => Promise<Seen>,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  let next = 0;
  const worker = async () => {
    while (next < cases.length) {
      const at = next;
      next += 1;
      seen[at] = await run(cases[at] as T);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return seen;
}
