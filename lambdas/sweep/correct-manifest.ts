import type { ConveyorConfig } from '../domain/config.ts';
import type { HostSighting } from '../domain/host-sighting.ts';
import type { Landed } from '../domain/promotion.ts';
import { targetOf } from '../ledger/edits-for.ts';
import { planEdits, valueIn } from '../ledger/plan-edits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Lines } from '../ports/lines.ts';
import type { Where } from '../ports/sightings.ts';

export interface Corrected {
  /** The version that the Ledger says now. */
  readonly stands: string;
  /** The commit that says of the hosts what was seen; absent where the Ledger said so, or somebody else is writing. */
  readonly commit?: string;
}

/**
 * Makes the manifest say what the hosts were seen to run, in a commit of its own. Where a promotion has come in between, or
 * the branch has moved, nothing is written: that promotion or the next sweep knows better.
 * @throws LedgerInvalid, LedgerUnavailable, LedgerRefused
 */
export async function correctManifest(
  { ledger, lines, clock }: { ledger: Ledger; lines: Lines; clock: Clock },
  config: ConveyorConfig,
  where: Where,
  landed: Landed,
  hosts: readonly HostSighting[],
): Promise<Corrected> {
  const { path, key, hostsKey = '' } = targetOf(config, where);
  const { head, files } = await ledger.read([path], clock.now());
  const stands = valueIn(files, path, key);
  // Read after the Ledger: whoever lands from here on moves the branch.
  const line = await lines.read(where.service, where.environment);
  if (line.holder !== undefined || line.landed?.promotion !== landed.promotion) return { stands };
  const seen = new Map(hosts.map((host) => [host.instance, runs(host)]));
  const edit = { path, key: hostsKey, hosts: seen, others: 'dropped' as const };
  const plan = planEdits(files, [edit]);
  if (plan.files.size === 0) return { stands };
  const [change] = plan.changes;
  const message = [
    `hosts(${where.environment}): what ${where.service} runs`,
    `- ${path}:${change?.line} ${hostsKey} ${JSON.stringify(change?.before)} -> ${JSON.stringify(change?.after)}`,
    `Conveyor-Look: ${where.service} ${where.environment}`,
  ].join('\n\n');
  const commit = await ledger.commit({ expectedHead: head, files: plan.files, message });
  return { stands, ...(commit && { commit: commit.id }) };
}

/** A host that does not answer is not claimed to run anything. */
function runs({ state, version }: HostSighting): string | undefined {
  return state === 'silent' || state === 'off' || state === 'busy' ? undefined : version;
}
