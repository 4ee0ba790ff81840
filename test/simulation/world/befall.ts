import type { HostAct } from '../draw-fleets.ts';
import { serviceOf } from './sim-host.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;

/** A host goes down, and comes back; or is another one from then on, with nothing on it; or only its health is gone. */
export async function befall(
  { fleets, loop }: World,
  { environment, which, what, minutes }: HostAct,
): Promise<void> {
  const fleet = fleets[environment];
  const hosts = fleet?.hosts.filter(({ isGone }) => !isGone) ?? [];
  const host = hosts[which % Math.max(1, hosts.length)];
  if (fleet === undefined || host === undefined) return;
  if (what === 'sicken' || what === 'relapse') {
    host.sicken(what === 'relapse');
    return;
  }
  host.goDown();
  if (what === 'replace') host.isGone = true;
  fleet.awaited += 1;
  await loop.sleep(what === 'reboot' ? 20_000 : minutes * MINUTE);
  fleet.awaited -= 1;
  if (what !== 'replace') host.comeUp();
  else fleet.add(serviceOf(host.tag), { zone: host.zone, isOn: true, mishaps: [] });
}
