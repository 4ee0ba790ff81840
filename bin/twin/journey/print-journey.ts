import type { Step } from '../deploy.ts';
import type { Twin } from '../start-twin.ts';
import { runHostJourney } from './run-host-journey.ts';
import { type Row, runJourney } from './run-journey.ts';
import { runTarballJourney, TARBALLS } from './run-tarball-journey.ts';

/** Runs the journeys of an image, of two tarballs and onto hosts, and prints what happened as a table. @throws JourneyFailed */
export async function printJourney(
  twin: Twin,
  step: Step,
  say: (text: string) => void,
): Promise<void> {
  const rows: Row[] = [...(await runJourney(twin, step, ['1042', '1043']))];
  const note = (what: string, seen: string) => void rows.push({ what, seen });
  for (const tarball of TARBALLS) await runTarballJourney(twin, step, tarball, note);
  if (twin.hosts !== undefined) await runHostJourney(twin, twin.hosts, step, note);
  const width = Math.max(...rows.map((row) => row.what.length));
  say(`\nWHAT${' '.repeat(width - 4)}  SEEN`);
  for (const { what, seen } of rows) say(`${what.padEnd(width)}  ${seen}`);
  say('\nThe journeys are right: every digest, commit and final state is as it must be.');
  if (twin.hosts === undefined) say('Hosts were left out: see above why this machine has none.');
}
