import type { Step } from '../deploy.ts';
import type { Twin } from '../start-twin.ts';
import { type Row, runJourney } from './run-journey.ts';
import { runTarballJourney, TARBALLS } from './run-tarball-journey.ts';

/** Runs the journeys of an image and of two tarballs, and prints what happened as a table. @throws JourneyFailed */
export async function printJourney(
  twin: Twin,
  step: Step,
  say: (text: string) => void,
): Promise<void> {
  const rows: Row[] = [...(await runJourney(twin, step, ['1042', '1043']))];
  for (const tarball of TARBALLS)
    await runTarballJourney(twin, step, tarball, (what, seen) => rows.push({ what, seen }));
  const width = Math.max(...rows.map((row) => row.what.length));
  say(`\nWHAT${' '.repeat(width - 4)}  SEEN`);
  for (const { what, seen } of rows) say(`${what.padEnd(width)}  ${seen}`);
  say('\nThe journeys are right: every digest, commit and final state is as it must be.');
}
