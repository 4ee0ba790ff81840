import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { DeleteRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { bundleCli } from '../../bin/build-cli.ts';
import { runJourney } from '../../bin/twin/journey/run-journey.ts';
import {
  answer,
  ask,
  conveyor,
  ended,
  history,
  linkFor,
  until,
} from '../../bin/twin/journey/watch.ts';
import { ACCOUNTS, type AccountName, REGION, ROOT } from '../../bin/twin/layout.ts';
import { startTwin, type Twin } from '../../bin/twin/start-twin.ts';
import { pushSample } from '../../bin/twin/use-twin.ts';
import { allHistories, FOLDER, type Golden, trimmed } from './histories.ts';

/**
 * `npm run histories`: plays in a twin of its own what executions do, and keeps one history of every way through the
 * machines, open executions among them.
 */
const MACHINES = `arn:aws:states:${REGION}:${ACCOUNTS.tools}:stateMachine:conveyor-`;
const say = (text: string) => process.stdout.write(`${text}\n`);

await bundleCli(`${ROOT}/dist`);
const twin = await startTwin({
  name: 'histories',
  basePort: 44_566,
  fresh: true,
  step: (_, work) => work(),
  say,
});
try {
  await play(twin);
  const sfn = new SFNClient(account(twin, 'tools'));
  await sfn.send(new StartExecutionCommand({ stateMachineArn: `${MACHINES}sweep`, input: '{}' }));
  await until('the sweep', async () => {
    const [sweep] = await allHistories(sfn, `${MACHINES}sweep`);
    return sweep?.events.at(-1)?.type === 'ExecutionSucceeded' ? true : undefined;
  });
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const machine of ['promote', 'sweep'] as const)
    keep(machine, await allHistories(sfn, `${MACHINES}${machine}`));
} finally {
  await twin.stop();
}

/** The journey; pushes of one moment; a repository that is gone; a rejection; and one that still waits for approval. */
async function play(twin: Twin): Promise<void> {
  await runJourney(twin, (_, work) => work(), ['1042', '1043']);
  const versions = ['7', '8', '9'];
  await Promise.all(versions.map((version) => pushSample(twin.endpoint, 'pricing', version)));
  for (const version of versions) await ended(twin, 'pricing', 'dev', version);
  await ask(twin, 'raj', ['promote', 'pricing', 'qa', '--version', '9', '--wait']);
  await pushSample(twin.endpoint, 'statements', '7');
  await ended(twin, 'statements', 'dev', '7');
  await new ECRClient(account(twin, 'qa')).send(
    new DeleteRepositoryCommand({ repositoryName: 'forge/statements', force: true }),
  );
  await conveyor(twin, 'raj', ['promote', 'statements', 'qa', '--wait']);
  const rejected = await awaiting(twin, '9');
  await answer(await linkFor(twin, 'li', rejected), 'reject', 'not today');
  await ended(twin, 'pricing', 'prod-wealth', '9');
  await awaiting(twin, '9');
}

function account({ endpoint }: Twin, name: AccountName) {
  const credentials = { accessKeyId: ACCOUNTS[name], secretAccessKey: 'twin' };
  return { endpoint: endpoint.origin, region: REGION, credentials };
}

async function awaiting(twin: Twin, version: string): Promise<string> {
  const asked = ['promote', 'pricing', 'prod-wealth', '--version', version, '--reason', 'history'];
  await ask(twin, 'ana', asked);
  const open = await until('the approval to be asked for', async () =>
    (await history(twin, 'pricing', 'prod-wealth')).find(
      ({ state, endedAt }) => state === 'awaiting approval' && endedAt === undefined,
    ),
  );
  return open.id;
}

/** One of each way through the machine, under the state where it ends or waits. */
function keep(
  machine: Golden['machine'],
  histories: Awaited<ReturnType<typeof allHistories>>,
): void {
  const ways = new Set<string>();
  const counts = new Map<string, number>();
  for (const { events } of histories) {
    const states = events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
    if (ways.has(states.join())) continue;
    ways.add(states.join());
    const open = events.some(({ type = '' }) => /^Execution(Succ|Fail|Abo)/.test(type))
      ? ''
      : 'open-';
    const last = `${machine}-${open}${(states.at(-1) ?? 'nothing').toLowerCase().replace(/\W+/g, '-')}`;
    const count = (counts.get(last) ?? 0) + 1;
    counts.set(last, count);
    const golden: Golden = { machine, events: trimmed(events) };
    writeFileSync(`${FOLDER}${last}-${count}.json`, `${JSON.stringify(golden, null, 2)}\n`);
    say(`${last}-${count}: ${states.join(' → ')}`);
  }
}
