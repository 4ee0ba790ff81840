import type { ObjectPlace } from '../../../lambdas/domain/place.ts';
import { readWebhookSecret } from '../../../lambdas/intake/webhook-secret.ts';
import { signWebhook } from '../../intake/sign-webhook.ts';
import type { UploadAct } from '../upload-trouble.ts';
import { RETIRED } from './ingress.ts';
import { r2Event, r2Notification, s3Event, uploadPlace } from './uploads.ts';
import type { World } from './world.ts';

type Attack = Extract<UploadAct, { do: 'attack' }>;

const MINUTE = 60_000;
/** Of no build that ever was. */
export const NEVER_BUILT = 'f0f0';
/** Under the name of the real one. */
const GUESSED = readWebhookSecret(`first:${'guessed---'.repeat(4)}`, '/guessed');

/** Tries once to have Conveyor believe in an upload that is none, or once more in one that is. */
export async function attack(world: World, { how, service, which, minutes }: Attack) {
  const { r2, loop } = world;
  const { requests } = r2;
  // Where nothing is in R2, nobody is bound to a queue.
  if (world.config.releaseStore.r2 === undefined && !how.endsWith('event')) return;
  const request = requests[which % Math.max(1, requests.length)];
  await loop.sleep(minutes * MINUTE);
  const at = new Date(loop.now());
  const place = uploadPlace(world.config, service, NEVER_BUILT);
  switch (how) {
    case 'replay':
      if (request !== undefined) await r2.ask(request);
      return;
    case 'tamper':
      if (request !== undefined)
        await r2.ask({ ...request, body: request.body.replace(/0{20}/, 'f'.repeat(20)) });
      return;
    case 'forge':
    case 'retired secret': {
      const body = batchOf(place.account, place.bucket, place.key, at);
      const headers = signWebhook(how === 'forge' ? GUESSED : RETIRED, at, body);
      await r2.ask({ headers, body });
      return;
    }
    case 'false notification':
      r2.queue.send(r2Notification(place, at));
      return;
    case 'false event':
      return world.deliver('object-uploaded', eventOf(place, at));
    case 'strange event':
      return world.deliver('object-uploaded', eventOf({ ...place, bucket: 'elsewhere' }, at));
  }
}

const eventOf = (place: ObjectPlace, at: Date) =>
  place.store === 'r2' ? r2Event(place, at) : s3Event(place, at);

function batchOf(account: string, bucket: string, key: string, at: Date): string {
  const upload = { id: 'forged', account, bucket, key, size: 1, etag: 'e', action: 'PutObject' };
  const events = [{ ...upload, at: at.toISOString() }];
  return JSON.stringify({ schema: 1, batch: 'forged', events });
}
