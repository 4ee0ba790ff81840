import { HostsReference } from '../promote/reference.ts';
import { clock } from '../runtime/clock.ts';
import { makeHandler } from '../runtime/handler.ts';
import { openHosts } from '../runtime/hosts.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { parameters } from '../runtime/parameters.ts';
import { approvals, lines, promotions, rollouts, sightings } from '../runtime/state.ts';
import { deployHosts } from './deploy-hosts.ts';
import { requireHosts } from './require-hosts.ts';

export const handler = makeHandler(HostsReference, async ({ polls, ...ref }) => {
  const config = await loadConfig();
  const { hosts, commands } = await openHosts(config, ref, ref.promotion);
  const ports = {
    promotions,
    lines,
    approvals,
    rollouts,
    targets: parameters,
    sightings,
    ledger: ledger(config),
    hosts,
    commands,
    clock,
  };
  return requireHosts(promotions, ref, await deployHosts(ports, config, ref, polls));
});
