import {
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { GATEWAY_TAGS, putParameters } from '../bin/twin/hosts/forge-fleet.ts';
import { buildHostService } from '../bin/twin/hosts/host-program.ts';
import { clientOf } from '../bin/twin/hosts/start-hosts.ts';
import { ask, ended } from '../bin/twin/journey/watch.ts';
import { makeServiceRepository } from '../bin/twin/service-repository.ts';
import type { Twin } from '../bin/twin/start-twin.ts';
import { startBenchTwin, withTwin } from './support/bench-twin.ts';
import { conditions, median, runsFrom, say, seconds, table, times } from './support/report.ts';

const runs = runsFrom(5, 20);
const HOSTS = 10;
const ALL_AT_ONCE = { canary: 0, atOnce: '100%' };
const LONGEST_SECONDS = 600;

/** Milliseconds. */
interface Took {
  readonly all: number;
  readonly own: number;
}

say(`# Hosts

A release of gateway to one machine of the twin, then to ten at full concurrency (\`canary: 0, atOnce: 100%\`), ${runs} each after
one that is not counted: from the verified artifact in the environment's bucket until every machine was asked what it runs and
had answered, by the record. "Its own" is what the slowest machine's scripts alone took, from Run Command's own times: deploying,
then telling what runs. All machines share this one, so that ten of them are slower by themselves.
${conditions()}
`);

// Ten machines that begin at once on one take their time.
const overrides = {
  'services.gateway.target.systemd.rollout': ALL_AT_ONCE,
  'services.gateway.target.systemd.health.within': '2m',
};
await withTwin(startBenchTwin({ fresh: true, step: (_, work) => work(), overrides }), measure);

async function measure(twin: Twin): Promise<void> {
  const { hosts, endpoint } = twin;
  if (hosts === undefined) throw new Error('This machine has no hosts: bin/twin/hosts says why');
  await putParameters(endpoint, 'dev');
  const repository = await makeServiceRepository('gateway', buildHostService);
  const ssm = new SSMClient(clientOf(endpoint, 'dev'));
  const slowest = async (CommandId: string): Promise<number> => {
    const { CommandInvocations = [] } = await ssm.send(
      new ListCommandInvocationsCommand({ CommandId }),
    );
    const took = CommandInvocations.map(async ({ InstanceId }) => {
      const { ExecutionStartDateTime = '', ExecutionEndDateTime = '' } = await ssm.send(
        new GetCommandInvocationCommand({ CommandId, InstanceId }),
      );
      return Date.parse(ExecutionEndDateTime) - Date.parse(ExecutionStartDateTime);
    });
    return Math.max(...(await Promise.all(took)));
  };
  const release = async (text: string, count: number): Promise<Took> => {
    const sha = await repository.commit(text);
    await ask(twin, 'raj', ['push'], { cwd: repository.directory });
    const { state, steps } = await ended(twin, 'gateway', 'dev', sha, LONGEST_SECONDS);
    if (state !== 'promoted' || steps.hosts?.promoted !== count)
      throw new Error(`${text}: ${state}, ${JSON.stringify(steps.hosts)}`);
    const own = await Promise.all(steps.hosts.commands.map(slowest));
    return {
      all: Date.parse(steps.hosts.at) - Date.parse(steps.verify?.at ?? ''),
      own: own.reduce((sum, one) => sum + one, 0),
    };
  };
  try {
    const medians: number[] = [];
    const rows: string[][] = [];
    for (const count of [1, HOSTS]) {
      const more = count - (medians.length === 0 ? 0 : 1);
      await hosts.launch({ account: 'dev', count: more, tags: GATEWAY_TAGS });
      await ask(twin, 'raj', ['provision', 'gateway', 'dev']);
      const took: Took[] = [];
      for (let run = 0; run <= runs; run += 1)
        took.push(await release(`${count} at once, run ${run}`, count));
      const counted = took.slice(1);
      const all = median(counted.map((one) => one.all));
      const own = median(counted.map((one) => one.own));
      medians.push(all);
      const over = times(median(counted.map((one) => one.all / one.own)));
      const alone = times(all / (medians[0] ?? Number.NaN));
      rows.push([`${count}`, seconds(all), seconds(own), over, alone]);
    }
    say(table(['machines', 'median', 'its own', 'over its own', 'over one machine'], rows));
  } finally {
    repository.remove();
  }
}
