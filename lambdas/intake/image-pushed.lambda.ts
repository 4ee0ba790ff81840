import { clock } from '../runtime/clock.ts';
import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { loadConfig } from '../runtime/load-config.ts';
import { sealer } from '../runtime/sealer.ts';
import { approvals, lines, promotions, releases } from '../runtime/state.ts';
import { ImagePushed, readPush } from './read-push.ts';
import { takeIn } from './take-in.ts';

const ports = { releases, promotions, lines, approvals, executions, sealer, clock };

export const handler = makeHandler(ImagePushed, async (event) =>
  takeIn(ports, await loadConfig(), readPush(event)),
);
