import type { Step } from '../deploy.ts';
import type { Twin } from '../start-twin.ts';
import { runJourney } from './run-journey.ts';

/** Runs the journey and prints what happened as a table. @throws JourneyFailed */
export async function printJourney(
  twin: Twin,
  step: Step,
  say: (text: string) => void,
): Promise<void> {
  const rows = await runJourney(twin, step, ['1042', '1043']);
  const width = Math.max(...rows.map((row) => row.what.length));
  say(`\nWHAT${' '.repeat(width - 4)}  SEEN`);
  for (const { what, seen } of rows) say(`${what.padEnd(width)}  ${seen}`);
  say('\nThe journey is right: every digest, commit and final state is as it must be.');
}
