import { clock } from '../runtime/clock.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { openReleaseStore } from '../runtime/release-store.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions, releases } from '../runtime/state.ts';
import { inspectTarball } from './inspect-tarball.ts';
import { ObjectCreated, readUpload } from './read-upload.ts';
import { takeInUpload } from './take-in-upload.ts';

const state = { releases, promotions, lines, approvals };
const ports = {
  ...state,
  executions,
  sealer,
  clock,
  openStore: openReleaseStore,
  inspect: inspectTarball,
};

export const handler = makeHandler(ObjectCreated, async (event) =>
  takeInUpload(ports, await loadConfig(), readUpload(event)),
);
