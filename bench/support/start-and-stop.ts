import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleCli } from '../../bin/build-cli.ts';
import type { Step } from '../../bin/twin/deploy.ts';
import { ROOT } from '../../bin/twin/layout.ts';
import { openShop } from '../../bin/twin/open-shop.ts';
import { startBenchTwin, withTwin } from './bench-twin.ts';

/** The same steps as bin/twin.ts, told as lines of JSON, and stopped once it is ready. */
const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });
const tell = (said: object) => void process.stdout.write(`${JSON.stringify(said)}\n`);
const step: Step = async (name, work) => {
  const started = performance.now();
  const result = await work();
  tell({ step: name, took: performance.now() - started });
  return result;
};

// Not into dist/, which a twin in use may be running from.
await step('the conveyor command', () => bundleCli(join(ROOT, '.twin', 'bench-cli')));
await withTwin(startBenchTwin({ fresh: values.fresh, step }), async (twin) => {
  await openShop(twin, step);
  tell({ ready: true });
});
