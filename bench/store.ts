import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { conditions, median, say, seconds, table, times } from './support/report.ts';
import { StoreBench, type Took } from './support/store-bench.ts';
import { writeTree } from './support/write-tree.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: 'small,large,memory,push' },
  },
});
const runs = Math.min(Math.max(1, Number(values.runs)), 20);
const parts = values.only.split(',');

say(`# Store

Every run is a process of its own, from its start to its end, on one versitygw server over a folder of this machine: the
product's code bundled, and the AWS CLI with its defaults. Ways alternate, ${runs} runs each after one that is not counted;
every copy goes into an empty bucket. ${conditions()}
`);

type Way = readonly [name: string, run: () => Promise<Took> | Took];

const bench = await StoreBench.start();
try {
  if (parts.includes('small')) await copies('100 × 1 MB', 100, 1);
  if (parts.includes('large')) await copies('1 × 1 GB', 1, 1_000);
  if (parts.includes('memory')) await memory();
  if (parts.includes('push')) await push();
} finally {
  await bench.stop();
}

async function copies(title: string, count: number, megabytes: number): Promise<void> {
  const from = await bench.bucket();
  const to = await bench.bucket();
  const objects = Array.from({ length: count }, (_, i) => {
    const key = `relay/${String(i).padStart(40, '0')}.tar.gz`;
    return { key, digest: bench.file(join('made', key), megabytes).digest };
  });
  const made = join(bench.folder, 'made');
  // Small ones as the product pushes them. Of a large one, versitygw copies on the server only what the AWS CLI pushed:
  // of the product's parts it says the checksum of the checksums, whatever is copied of them, which proves nothing.
  if (count > 1) bench.conveyor({ what: 'create', folder: made, to: from });
  else bench.bash(`aws s3 cp --recursive ${made} s3://${from} --no-progress`);
  rmSync(made, { recursive: true });
  const [first] = objects;
  const copy = (server: boolean): Took =>
    bench.conveyor({ what: 'copy', from, to, objects, server, atOnce: 10 });
  const through =
    count === 1
      ? `aws s3 cp s3://${from}/${first?.key} - | aws s3 cp - s3://${to}/${first?.key}`
      : `aws s3 cp --recursive s3://${from} there --no-progress && aws s3 cp --recursive there s3://${to} --no-progress`;
  const ways: readonly Way[] = [
    [
      'aws s3 cp, server-side',
      () => bench.bash(`aws s3 cp --recursive s3://${from} s3://${to} --no-progress`),
    ],
    ['conveyor, server-side', () => copy(true)],
    [
      `aws s3 cp, ${count === 1 ? 'down and up, piped' : 'down, then up'}`,
      () => bench.bash(through),
    ],
    ['conveyor, through the process', () => copy(false)],
  ];
  const took = await alternate(ways, () => bench.empty(to));
  report(title, ways, took, [took[0], took[0], took[2], took[2]]);
  if (count === 1) {
    copy(false);
    const read = bench.conveyor({ what: 'verify', from: to, objects });
    say(
      `\nReading it back whole, as the step after the copy does: ${seconds(read.milliseconds)}, ${memoryWords(read)}.\n`,
    );
  }
  await bench.empty(to);
  await bench.empty(from);
}

/** Memory is the same whatever is in the bytes. */
async function memory(): Promise<void> {
  const [from, to] = [await bench.bucket(), await bench.bucket()];
  const key = 'relay/5gb.tar.gz';
  const { path, digest } = bench.file('5gb', 5_000);
  bench.bash(`aws s3 cp ${path} s3://${from}/${key} --no-progress`);
  rmSync(path);
  const objects = [{ key, digest }];
  const copied = bench.conveyor({ what: 'copy', from, to, objects, server: false, atOnce: 1 });
  const read = bench.conveyor({ what: 'verify', from: to, objects });
  say('## Memory at 5 GB\n');
  say(
    table(
      ['conveyor', 'time', 'most memory'],
      [
        ['copy through the process', seconds(copied.milliseconds), memoryWords(copied)],
        ['read back', seconds(read.milliseconds), memoryWords(read)],
      ],
    ),
  );
  say('');
  await bench.empty(to);
  await bench.empty(from);
}

async function push(): Promise<void> {
  const tree = join(bench.folder, 'tree');
  mkdirSync(tree);
  writeTree(tree, 500);
  const to = await bench.bucket();
  const ways: readonly Way[] = [
    [
      'tar -cz | aws s3 cp -',
      () => bench.bash(`tar -C ${tree} -cz . | aws s3 cp - s3://${to}/release.tar.gz`),
    ],
    [
      'conveyor: pack, then upload',
      () => {
        const scratch = mkdtempSync(join(bench.folder, 'scratch-'));
        return bench.conveyor({ what: 'push', tree, scratch, to, key: 'release.tar.gz' });
      },
    ],
  ];
  const took = await alternate(ways, () => bench.empty(to));
  report('Push of a tree of 500 MB', ways, took, [took[0], took[0]]);
}

async function alternate(ways: readonly Way[], after: () => Promise<void>): Promise<Took[][]> {
  const took: Took[][] = ways.map(() => []);
  for (let run = 0; run <= runs; run++)
    for (const [i, [, once]] of ways.entries()) {
      const one = await once();
      if (run > 0) took[i]?.push(one);
      await after();
    }
  return took;
}

function report(
  title: string,
  ways: readonly Way[],
  took: readonly Took[][],
  beside: readonly (Took[] | undefined)[],
): void {
  const time = (some: readonly Took[] = []) => median(some.map(({ milliseconds }) => milliseconds));
  say(`## ${title}\n`);
  say(
    table(
      ['way', 'median', 'slowest', 'over the AWS CLI', 'most memory'],
      ways.map(([name], i) => {
        const mine = took[i] ?? [];
        const slowest = Math.max(...mine.map(({ milliseconds }) => milliseconds));
        const ratio = took[i] === beside[i] ? '-' : times(time(mine) / time(beside[i]));
        const largest = [...mine].sort((a, b) => (b.megabytes ?? 0) - (a.megabytes ?? 0))[0];
        return [name, seconds(time(mine)), seconds(slowest), ratio, memoryWords(largest)];
      }),
    ),
  );
  say('');
}

function memoryWords(took: Took | undefined): string {
  return took?.megabytes === undefined ? '-' : `${Math.round(took.megabytes)} MB`;
}
