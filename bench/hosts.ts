import { GATEWAY_TAGS, putParameters } from '../bin/twin/hosts/forge-fleet.ts';
import { buildHostService } from '../bin/twin/hosts/host-program.ts';
import { ask, ended } from '../bin/twin/journey/watch.ts';
import { makeServiceRepository } from '../bin/twin/service-repository.ts';
import type { Twin } from '../bin/twin/start-twin.ts';
import { startBenchTwin, withTwin } from './support/bench-twin.ts';
import { conditions, median, runsFrom, say, seconds, table, times } from './support/report.ts';

const runs = runsFrom(5, 20);
const HOSTS = 10;
const ALL_AT_ONCE = { canary: 0, atOnce: '100%' };
const LONGEST_SECONDS = 600;

say(`# Hosts

A release of gateway to one machine of the twin, then to ten at full concurrency (\`canary: 0, atOnce: 100%\`), ${runs} each after
one that is not counted: from the verified artifact in the environment's bucket until every machine was asked what it runs and
had answered, by the record. All machines share this one.
${conditions()}
`);

const overrides = { 'services.gateway.target.systemd.rollout': ALL_AT_ONCE };
await withTwin(startBenchTwin({ fresh: true, step: (_, work) => work(), overrides }), measure);

async function measure(twin: Twin): Promise<void> {
  const { hosts, endpoint } = twin;
  if (hosts === undefined) throw new Error('This machine has no hosts: bin/twin/hosts says why');
  await putParameters(endpoint, 'dev');
  const repository = await makeServiceRepository('gateway', buildHostService);
  const release = async (text: string, count: number): Promise<number> => {
    const sha = await repository.commit(text);
    await ask(twin, 'raj', ['push'], { cwd: repository.directory });
    const { state, steps } = await ended(twin, 'gateway', 'dev', sha, LONGEST_SECONDS);
    if (state !== 'promoted' || steps.hosts?.promoted !== count)
      throw new Error(`${text}: ${state}, ${JSON.stringify(steps.hosts)}`);
    return Date.parse(steps.hosts.at) - Date.parse(steps.verify?.at ?? '');
  };
  try {
    const medians: number[] = [];
    const rows: string[][] = [];
    for (const count of [1, HOSTS]) {
      const more = count - (medians.length === 0 ? 0 : 1);
      await hosts.launch({ account: 'dev', count: more, tags: GATEWAY_TAGS });
      await ask(twin, 'raj', ['provision', 'gateway', 'dev']);
      const took: number[] = [];
      for (let run = 0; run <= runs; run += 1)
        took.push(await release(`${count} at once, run ${run}`, count));
      const counted = took.slice(1);
      medians.push(median(counted));
      const ratio = times(median(counted) / (medians[0] ?? Number.NaN));
      rows.push([`${count}`, seconds(median(counted)), seconds(Math.max(...counted)), ratio]);
    }
    say(table(['machines', 'median', 'slowest', 'over one alone'], rows));
  } finally {
    repository.remove();
  }
}
