import { encodeRequest, hostRequest } from '../deploy-hosts/host-request.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import { digestOf } from '../domain/digest.ts';
import { type HostSighting, leftFor } from '../domain/host-sighting.ts';
import { hostsOf } from '../domain/hosts-of.ts';
import type { Landed, Promotion } from '../domain/promotion.ts';
import type { HostCommands } from '../ports/host-commands.ts';
import type { Hosts } from '../ports/hosts.ts';
import type { Notices } from '../ports/notices.ts';
import type { Targets } from '../ports/provisioning.ts';
import type { Where } from '../ports/sightings.ts';
import { docsOf } from '../view/docs.ts';
import { renderDrift } from '../view/drift-notice.ts';
import { type CatchUpPorts, catchUp } from './catch-up.ts';
import { correctManifest } from './correct-manifest.ts';
import { type Drift, judgeDrift } from './judge-drift.ts';
import { beginLook, hearHosts, isForgotten } from './look-at-hosts.ts';

export interface SweepHostsPorts extends CatchUpPorts {
  readonly hosts: Hosts;
  readonly commands: HostCommands;
  readonly notices: Notices;
  readonly targets: Targets;
}

export type SweptHosts =
  /** Called again after so many seconds, it goes on. */
  | { readonly outcome: 'wait'; readonly seconds: number }
  | { readonly outcome: 'skipped'; readonly because: string }
  | {
      readonly outcome: 'swept';
      readonly hosts: number;
      /** Of these, the ones that do not run what the environment holds, as far as they can be asked. */
      readonly drifted: number;
      /** What came of bringing them: a promotion, or why there is none. */
      readonly brought?: string;
      readonly commit?: string;
    };

const WAIT_SECONDS = 5;
/** How many of a line's promotions may have left hosts behind. */
const LOOKS_BACK = 20;

/**
 * Asks the hosts of a service in an environment what they run, one step a call; once they have answered, the manifest says so,
 * hosts that run something else are brought to what is promoted there, and people hear of those that cannot be. Whoever dies in
 * between is followed by another sweep.
 * @throws Unavailable, HostsRefused, LedgerInvalid, LedgerUnavailable
 */
export async function sweepHosts(
  ports: SweepHostsPorts,
  config: ConveyorConfig,
  where: Where,
): Promise<SweptHosts> {
  const { lines, promotions, sightings, clock } = ports;
  const { holder, landed } = await lines.read(where.service, where.environment);
  if (landed === undefined) return skipped('nothing is promoted there yet');
  if (holder !== undefined) {
    const { state } = await promotions.find(holder.promotion);
    if (state !== 'awaiting approval') return skipped(`${holder.promotion} is under way`);
  }
  const { kind, target } = hostsOf(config, where.service);
  const hosts = await ports.hosts.tagged(target.hosts);
  const { looking } = await sightings.read(where);
  if (looking === undefined || isForgotten(looking, clock.now(), landed.promotion)) {
    const promotion = await promotions.find(landed.promotion);
    const published =
      kind === 'systemd' ? await ports.targets.find(where.environment, where.service) : undefined;
    const request = JSON.stringify(
      await hostRequest(ports.ledger, clock, config, promotion, published),
    );
    const asked = encodeRequest(request, 'observe');
    await beginLook(ports, where, hosts, asked, landed.promotion, target.health?.within);
    return { outcome: 'wait', seconds: WAIT_SECONDS };
  }
  const heard = await hearHosts(ports, looking, hosts, landed.version);
  if (heard === undefined) return { outcome: 'wait', seconds: WAIT_SECONDS };
  await sightings.note(where, looking.since, heard, 'all');
  const { hosts: seen } = await sightings.read(where);
  const swept = await settle(ports, config, where, landed, seen);
  // Not before: a try again settles what was heard, and asks nobody anew.
  await sightings.look(where, undefined);
  return swept;
}

async function settle(
  ports: SweepHostsPorts,
  config: ConveyorConfig,
  where: Where,
  landed: Landed,
  hosts: readonly HostSighting[],
): Promise<SweptHosts> {
  const { stands, commit } = await correctManifest(ports, config, where, landed, hosts);
  const closed = stands === landed.version ? undefined : `the Ledger says ${stands || 'nothing'}`;
  const left = await leftBehind(ports, config, where, landed);
  const { catchUp: policy } = hostsOf(config, where.service).target.rollout;
  const drift = judgeDrift({ landed, hosts, catchUp: policy, left });
  const brought =
    drift.bring.length === 0
      ? undefined
      : (closed ?? (await catchUp(ports, config, where, landed, drift.bring)));
  await rememberWhy(ports, where, hosts, drift, brought);
  await tellOnce(ports, config, where, landed, hosts.length, drift);
  return {
    outcome: 'swept',
    hosts: hosts.length,
    drifted: drift.bring.length + drift.tell.length,
    ...(brought !== undefined && { brought: typeof brought === 'string' ? brought : brought.id }),
    ...(commit !== undefined && { commit }),
  };
}

/** What rollouts since have put on hosts and, stopped, left there as the policy says; version → promotion. */
async function leftBehind(
  { promotions }: SweepHostsPorts,
  config: ConveyorConfig,
  where: Where,
  landed: Landed,
): Promise<ReadonlyMap<string, string>> {
  if (hostsOf(config, where.service).target.rollout.onFailure === 'rollback') return new Map();
  const history = await promotions.history(where.service, where.environment, LOOKS_BACK);
  const since = history.filter(({ id, kind }) => id > landed.promotion && kind !== 'catch-up');
  return new Map(
    since
      .filter(({ state, steps, version }) => {
        return state === 'failed' && steps.hosts !== undefined && version !== landed.version;
      })
      .map(({ version, id }) => [version, id]),
  );
}

/** For who asks for the status. Who put a version there by hand is told by the host itself. */
async function rememberWhy(
  { sightings }: SweepHostsPorts,
  where: Where,
  hosts: readonly HostSighting[],
  { bring, tell }: Drift,
  brought: Promotion | string | undefined,
): Promise<void> {
  const left = new Map([
    ...(typeof brought === 'string'
      ? bring.map(({ instance }) => [instance, brought] as const)
      : []),
    ...tell.flatMap(({ host, why }) => (host.held ? [] : [[host.instance, why] as const])),
  ]);
  if (hosts.some((host) => leftFor(host, left.get(host.instance)).left !== host.left))
    await sightings.mark(where, { left });
}

/** One notice for all hosts that people have not heard of yet; what has been told is told again once it has changed. */
async function tellOnce(
  { notices, sightings }: SweepHostsPorts,
  config: ConveyorConfig,
  where: Where,
  landed: Landed,
  all: number,
  { tell }: Drift,
): Promise<void> {
  const untold = tell.filter(({ host }) => host.told !== true);
  if (untold.length === 0) return;
  const what = untold.map(({ host }) => [host.instance, host.since]);
  const id = `drift-${digestOf(JSON.stringify([where, landed.promotion, what])).slice(7, 39)}`;
  await notices.everybody(
    id,
    renderDrift({ ...where, landed, all, told: untold, ...docsOf(config) }),
  );
  await sightings.mark(where, { told: untold.map(({ host }) => host.instance) });
}

const skipped = (because: string): SweptHosts => ({ outcome: 'skipped', because });
