import { executions } from '../runtime/executions.ts';
import { makeHandler } from '../runtime/handler.ts';
import { clock, loadConfig, promotions, releases } from '../runtime/state.ts';
import { ImagePushed, readPush } from './read-push.ts';
import { takeIn } from './take-in.ts';

export const handler = makeHandler(ImagePushed, async (event) =>
  takeIn({ releases, promotions, executions, clock }, await loadConfig(), readPush(event)),
);
