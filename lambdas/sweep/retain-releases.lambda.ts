import * as z from 'zod';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { openReleaseStore } from '../runtime/release-store.ts';
import { lines, promotions, releases } from '../runtime/state.ts';
import { retainReleases } from './retain-releases.ts';

const ports = { lines, promotions, releases, openStore: openReleaseStore };

export const handler = makeHandler(z.object({}), async () =>
  retainReleases(ports, await loadConfig()),
);
