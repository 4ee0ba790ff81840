import * as z from 'zod';
import { EcrSources } from '../adapters/ecr-sources.ts';
import { EnvironmentName } from '../domain/names.ts';
import { inspectTarball } from '../intake/inspect-tarball.ts';
import { clock } from '../runtime/clock.ts';
import { ecrClient } from '../runtime/environments.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { openReleaseStore } from '../runtime/release-store.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions, releases } from '../runtime/state.ts';
import { sweepSource } from './sweep-source.ts';
import { sweepStore } from './sweep-store.ts';

const sources = new EcrSources((place) => ecrClient(place, 'conveyor-sweep'));
const state = { releases, promotions, lines, approvals };
const store = { openStore: openReleaseStore, inspect: inspectTarball };
const ports = { ...state, ...store, executions, sealer, clock, sources };

export const handler = makeHandler(
  z.object({ environment: EnvironmentName }),
  async ({ environment }) => {
    const config = await loadConfig();
    const images = await sweepSource(ports, config, environment);
    const tarballs = await sweepStore(ports, config, environment);
    return { images, tarballs };
  },
);
