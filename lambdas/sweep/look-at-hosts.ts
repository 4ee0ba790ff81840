import { cut } from '../deploy-hosts/plan-waves.ts';
import { readReport } from '../deploy-hosts/read-report.ts';
import { type FreshSighting, type Look, sightingOf } from '../domain/host-sighting.ts';
import type { PromotionId, Version } from '../domain/names.ts';
import type { HostReport, InstanceId } from '../domain/rollout.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostCommands, Sent } from '../ports/host-commands.ts';
import type { Host } from '../ports/hosts.ts';
import type { Sightings, Where } from '../ports/sightings.ts';

export interface LookPorts {
  readonly commands: HostCommands;
  readonly sightings: Sightings;
  readonly clock: Clock;
}

/** "SendCommand", `InstanceIds`. */
const MOST_IN_A_COMMAND = 50;
/** A look changes nothing on a host; it waits for the host's health check, which comes on top. */
const WITHIN_SECONDS = 120;
/** For SSM to deliver it and to tell; then who has not answered is silent. */
const GRACE_SECONDS = 120;
/** Whatever became of a look that was given up so long ago, another begins. */
const FORGOTTEN_MILLISECONDS = 60_000;

/**
 * Asks every host that can be reached what it runs. Asked twice, by a try whose reply was lost, they answer twice.
 * @param health seconds that a host waits for its health check
 */
export async function beginLook(
  { commands, sightings, clock }: LookPorts,
  where: Where,
  hosts: readonly Host[],
  request: string,
  landed: PromotionId,
  health = 0,
): Promise<void> {
  const since = clock.now().toISOString();
  const online = hosts.filter((host) => host.online).map(({ instance }) => instance);
  const within = WITHIN_SECONDS + health;
  const sent: Sent[] = [];
  for (const [batch, instances] of cut(online, MOST_IN_A_COMMAND).entries()) {
    const comment = `conveyor look ${where.service} ${where.environment} batch ${batch}`;
    sent.push(await commands.send({ request, instances, comment, within }));
  }
  const until = new Date(Date.parse(since) + (within + GRACE_SECONDS) * 1_000).toISOString();
  await sightings.look(where, {
    since,
    until,
    landed,
    commands: sent.flatMap(({ id }) => id ?? []),
    asked: sent.flatMap(({ to }) => to).length,
  });
}

/** Whether its answers say nothing any more about what is promoted there now. */
export function isForgotten({ until, landed }: Look, now: Date, holds: PromotionId): boolean {
  return landed !== holds || now.getTime() > Date.parse(until) + FORGOTTEN_MILLISECONDS;
}

/** What the hosts have said, once nobody has to be waited for any more; undefined before. */
export async function hearHosts(
  { commands, clock }: Pick<LookPorts, 'commands' | 'clock'>,
  { commands: ids, asked, until }: Look,
  hosts: readonly Host[],
  wanted: Version,
): Promise<readonly FreshSighting[] | undefined> {
  const told = (await Promise.all(ids.map((id) => commands.invocations(id)))).flat();
  const isLate = clock.now() > new Date(until);
  if (told.filter(({ ended }) => ended).length < asked && !isLate) return undefined;
  const reports = new Map<InstanceId, HostReport | undefined>(
    told.map(({ instance, output }) => [instance, readReport(output)]),
  );
  return hosts.map((host) => {
    const { instance, name, lastSeen } = host;
    const heard = reports.get(instance);
    if (host.online || heard !== undefined) return sightingOf(instance, heard, wanted, name);
    return {
      instance,
      ...(name !== undefined && { name: name.slice(0, 256) }),
      state: 'off',
      ...(lastSeen !== undefined && { lastSeen: new Date(lastSeen).toISOString() }),
    };
  });
}
