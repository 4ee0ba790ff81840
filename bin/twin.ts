import { parseArgs } from 'node:util';
import { bundleCli } from './build-cli.ts';
import { printJourney } from './twin/journey/print-journey.ts';
import { DEFAULT_BASE_PORT, placesOf, ROOT } from './twin/layout.ts';
import { openShop } from './twin/open-shop.ts';
import { preparePython } from './twin/python.ts';
import { readyText } from './twin/ready.ts';
import { stepReporter } from './twin/reporter.ts';
import { startTwin } from './twin/start-twin.ts';

/**
 * `npm start`: all of Conveyor on this machine. `--journey` also does the clicking, and exits 0 only if all is right;
 * `--install` only brings the emulator here.
 */
const { values } = parseArgs({
  options: {
    journey: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    install: { type: 'boolean', default: false },
  },
});
// The twin runs on the Node that people have; the SDK's word about 2027 is for us, not for them.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { step, say } = stepReporter(process.stdout);
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());

const started = performance.now();
say('Conveyor on this machine, in four emulated AWS accounts');
try {
  if (values.install) await step('emulator', () => preparePython(placesOf('twin').python, say));
  else await play();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function play(): Promise<void> {
  await step('the conveyor command', () => bundleCli(`${ROOT}/dist`));
  const basePort = Number(process.env['TWIN_BASE_PORT'] ?? DEFAULT_BASE_PORT);
  const twin = await startTwin({
    name: values.journey ? 'journey' : 'twin',
    basePort,
    fresh: values.fresh || values.journey,
    step,
    say,
  });
  say(
    `ready after ${((performance.now() - started) / 1_000).toFixed(0)} s${twin.deployment === 'unchanged' ? ' (deployed before, nothing changed)' : ''}`,
  );
  try {
    if (values.journey) await printJourney(twin, step, say);
    else {
      const fleet = await openShop(twin, step);
      say(readyText(twin, fleet));
      await new Promise<void>((resolve) =>
        stopping.signal.addEventListener('abort', () => resolve()),
      );
      say('stopping');
    }
  } finally {
    await twin.stop();
  }
}
