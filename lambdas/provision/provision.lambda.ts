import { bootstrap } from '../runtime/bootstrap.ts';
import { clock } from '../runtime/clock.ts';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { parameters } from '../runtime/parameters.ts';
import { openProvisionHosts } from '../runtime/provisioning.ts';
import { provisionRuns, provisionTurns } from '../runtime/state.ts';
import { provision } from './provision.ts';
import { ProvisionInput } from './provision-input.ts';

export const handler = makeHandler(ProvisionInput, async (input) =>
  provision(
    {
      runs: provisionRuns,
      turns: provisionTurns,
      provisioning: parameters,
      clock,
      bootstrap,
      openHosts: async (environment, run) =>
        openProvisionHosts(await loadConfig(), environment, run),
    },
    input,
  ),
);
