import * as z from 'zod';
import { EcrSources } from '../adapters/ecr-sources.ts';
import { EnvironmentName } from '../domain/names.ts';
import { clock } from '../runtime/clock.ts';
import { ecrClient } from '../runtime/environments.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions, releases } from '../runtime/state.ts';
import { sweepSource } from './sweep-source.ts';

const sources = new EcrSources((place) => ecrClient(place, 'conveyor-sweep'));

export const handler = makeHandler(
  z.object({ environment: EnvironmentName }),
  async ({ environment }) =>
    sweepSource(
      { releases, promotions, lines, approvals, executions, sealer, clock, sources },
      await loadConfig(),
      environment,
    ),
);
