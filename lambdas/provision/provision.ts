import { isOver } from '../domain/provision-run.ts';
import { failRun } from './end-run.ts';
import { openRun } from './open-run.ts';
import type { ProvisionInput } from './provision-input.ts';
import type { ProvisionPorts, Stepped } from './provision-ports.ts';
import { stepRun } from './step-run.ts';

/** One step, or the end of a run that no step could go on with. @throws Unavailable, HostsRefused */
export async function provision(
  ports: ProvisionPorts,
  { run, environment, mode, failure, ...more }: ProvisionInput,
): Promise<Stepped> {
  const { service } = 'service' in more ? more : {};
  const asked = { run, environment, mode, ...(service !== undefined && { service }) };
  if (failure === undefined) return stepRun(ports, asked);
  const found = await ports.runs.open(openRun(asked, ports.clock.now()));
  if (!isOver(found.value)) await failRun(ports, found, wordsOf(failure));
  return { outcome: 'failed' };
}

/** Lambda tells an error as JSON ("Error handling in Step Functions": `errorMessage`). */
function wordsOf({ error, cause = '' }: NonNullable<ProvisionInput['failure']>): string {
  let told = cause;
  try {
    told = String((JSON.parse(cause) as { errorMessage?: unknown }).errorMessage ?? cause);
  } catch {
    // Step Functions' own words are no JSON.
  }
  return `${error}: ${told}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 500);
}
