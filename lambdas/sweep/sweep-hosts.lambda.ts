import * as z from 'zod';
import { EnvironmentName, ServiceName } from '../domain/names.ts';
import { clock } from '../runtime/clock.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { openHosts } from '../runtime/hosts.ts';
import { ledger } from '../runtime/ledger.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { notices } from '../runtime/notices.ts';
import { parameters } from '../runtime/parameters.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions, releases, sightings } from '../runtime/state.ts';
import { sweepHosts } from './sweep-hosts.ts';

const Input = z.object({ service: ServiceName, environment: EnvironmentName });
const state = { lines, promotions, approvals, releases, sightings };

export const handler = makeHandler(Input, async (where) => {
  const config = await loadConfig();
  const { hosts, commands } = await openHosts(config, where, 'conveyor-sweep');
  const out = {
    ledger: ledger(config),
    notices: notices(config),
    hosts,
    commands,
    targets: parameters,
  };
  return sweepHosts({ ...state, ...out, executions, sealer, clock }, config, where);
});
