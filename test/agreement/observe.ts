import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { startEmulator } from '../../bin/twin/emulator.ts';
import { placesOf, portsFrom } from '../../bin/twin/layout.ts';
import { subjects } from './cases/index.ts';
import { differences } from './judge.ts';
import { openEngine, runAll } from './on-engine.ts';
import { engineOf } from './otherwise/index.ts';

/**
 * Runs every case on an emulator of its own and prints where its engine does not do what AWS documents, or not what the
 * corpus says that it was seen to do: `node --import tsx test/agreement/observe.ts [out.json]`.
 */
const places = placesOf('agreement');
rmSync(places.root, { recursive: true, force: true });
mkdirSync(places.root, { recursive: true });
const say = (text: string) => process.stdout.write(`${text}\n`);
const emulator = await startEmulator(places, portsFrom(44_566), say);
try {
  const engine = await openEngine(emulator.endpoint);
  const cases = subjects.flatMap(({ subject, cases }) => cases.map((one) => ({ subject, ...one })));
  const began = Date.now();
  const seen = await runAll(cases, 40, (one) => engine.run(one));
  engine.close();
  say(`${cases.length} cases in ${((Date.now() - began) / 1_000).toFixed(1)} s`);
  const report = cases.flatMap((one, at) => {
    const got = seen[at];
    if (got === undefined) return [];
    const documented = differences(one, one.expect, got, 'real');
    const engine = engineOf(one.subject, one.name);
    const recorded = differences(one, engine?.observed ?? one.expect, got, 'real');
    if (documented.length + recorded.length === 0) return [];
    return [{ subject: one.subject, name: one.name, documented, recorded, seen: got }];
  });
  const [out] = process.argv.slice(2);
  if (out !== undefined) writeFileSync(out, JSON.stringify(report, null, 1));
  const news = report.filter(({ recorded }) => recorded.length > 0);
  for (const { subject, name, recorded } of news)
    say(`${subject}: ${name}\n    ${recorded.join('\n    ')}`);
  say(`${report.length} differ from AWS, ${news.length} from what the corpus says of the engine`);
} finally {
  await emulator.stop();
}
