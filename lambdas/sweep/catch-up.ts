import type { ConveyorConfig } from '../domain/config.ts';
import { digestOf } from '../domain/digest.ts';
import type { HostSighting } from '../domain/host-sighting.ts';
import type { Landed, Promotion, Release } from '../domain/promotion.ts';
import type { Releases } from '../ports/releases.ts';
import type { Sightings, Where } from '../ports/sightings.ts';
import { assess, type FactPorts } from '../promote/gather-facts.ts';
import { newPromotion } from '../promote/new-promotion.ts';
import { type StartPorts, startPromotion } from '../promote/start-promotion.ts';
import { countWords, versionWords } from '../view/words.ts';

export interface CatchUpPorts extends StartPorts, FactPorts {
  readonly releases: Releases;
  readonly sightings: Sightings;
}

/**
 * A promotion of what is promoted already, to these hosts alone; once for the same hosts and the same try, whoever asks. It is
 * only opened where its gates are open: a line that is frozen gets no record with every sweep.
 * @returns the promotion, or why there is none
 */
export async function catchUp(
  ports: CatchUpPorts,
  config: ConveyorConfig,
  where: Where,
  landed: Landed,
  hosts: readonly HostSighting[],
): Promise<Promotion | string> {
  const release = await ports.releases.find(where.service, landed.version);
  if (release?.digest !== landed.digest) return `${landed.version} is no release that is known`;
  const draft = draftOf(ports, config, where, release, hosts);
  const { decision, line } = await assess(ports, config, draft);
  if (decision.verdict !== 'proceed') return decision.reasons.join('; ');
  if (line.holder !== undefined || line.waiters.length > 0) return 'others stand in its line';
  const counts = new Map(
    hosts.map(({ instance, tries }) => [instance, 1 + triesOf(landed, tries)]),
  );
  const intention = digestOf(JSON.stringify([where, landed.promotion, [...counts]]));
  const opened = await ports.promotions.open(draft, intention);
  if (opened.endedAt === undefined) await startPromotion(ports, config, opened);
  await ports.sightings.mark(where, { brought: { version: landed.version, counts } });
  return opened;
}

function draftOf(
  { clock }: CatchUpPorts,
  config: ConveyorConfig,
  { environment }: Where,
  release: Release,
  hosts: readonly HostSighting[],
): Promotion {
  return newPromotion(config, clock, {
    release,
    environment,
    kind: 'catch-up',
    requestedBy: { automatic: 'sweep' },
    reason: inWords(hosts),
    only: hosts.map(({ instance }) => instance),
  });
}

const triesOf = ({ version }: Landed, tries: HostSighting['tries']) =>
  tries?.version === version ? tries.count : 0;

/** `3 hosts do not run it: web-1 runs nothing, …` */
function inWords(hosts: readonly HostSighting[]): string {
  const named = hosts.slice(0, 3).map(hostWords);
  const more = hosts.length > 3 ? `, and ${hosts.length - 3} more` : '';
  return `${countWords(hosts.length, 'host does', 'hosts do')} not run it: ${named.join(', ')}${more}`;
}

export function hostWords({ instance, version }: HostSighting): string {
  return `${instance} runs ${version === undefined ? 'nothing' : versionWords(version)}`;
}
