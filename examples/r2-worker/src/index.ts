import { log } from './log.ts';
import { type IngressEvent, lookUp } from './look-up.ts';
import type { Batch, Env, Message } from './platform.ts';
import { readNotification } from './read-notification.ts';
import { retryDelay } from './retry-delay.ts';
import { sendEvents } from './send-events.ts';

/** Seconds, where the variable is missing or no number. */
const RETRY_FROM = 5;

/**
 * Tells Conveyor of uploads. Every message ends in one of three ways: acknowledged once Conveyor has it or it is none
 * of its business, retried, or kept among the dead letters.
 */
export default {
  async queue(batch: Batch, env: Env): Promise<void> {
    const found = await Promise.all(batch.messages.map((message) => prepare(message, env)));
    const events = found.filter((event) => event !== undefined);
    const answers = await sendEvents(env, events);
    for (const message of batch.messages) {
      const answer = answers.get(message.id);
      if (answer === undefined) continue;
      if (answer.outcome === 'accepted') {
        log('told', { message: message.id, replayed: answer.replayed });
        message.ack();
      } else if (answer.outcome === 'refused') await bury(message, env, answer.why);
      else later(message, env, answer.why, answer.wait);
    }
  },
};

/** The event to send, or undefined where the message has found its end. */
async function prepare(message: Message, env: Env): Promise<IngressEvent | undefined> {
  const notification = readNotification(message.body, env.BUCKET);
  if ('odd' in notification) {
    await bury(message, env, notification.odd);
    return undefined;
  }
  if ('ignored' in notification) {
    log('dropped', { message: message.id, why: notification.ignored, said: said(message) });
    message.ack();
    return undefined;
  }
  try {
    const bucket = { name: env.BUCKET, binding: env.RELEASES };
    const event = await lookUp(message.id, notification.upload, bucket);
    // R2 tells what it has written, and shows it from then on: either it is deleted already, or RELEASES is another bucket.
    if (event === undefined) await bury(message, env, 'no such object');
    return event;
  } catch (error) {
    later(message, env, `R2: ${String(error)}`);
    return undefined;
  }
}

function later(message: Message, env: Env, why: string, wait?: number): void {
  const { attempts } = message;
  const from = Number(env.RETRY_FROM_SECONDS ?? RETRY_FROM);
  const delaySeconds = retryDelay({
    attempts,
    from: Number.isFinite(from) && from > 0 ? from : RETRY_FROM,
    wait,
    random: Math.random(),
  });
  log('retried', { message: message.id, why, attempts, delaySeconds });
  message.retry({ delaySeconds });
}

/** Among the dead letters as it came, so that it can be sent again as it is. */
async function bury(message: Message, env: Env, why: string): Promise<void> {
  try {
    await env.DEAD_LETTERS.send(message.body);
    log('buried', { message: message.id, why, said: said(message) });
    message.ack();
  } catch (error) {
    later(message, env, `the dead letters do not take it: ${String(error)}`);
  }
}

/** Enough of a message to know it again. A queue carries more than JSON: circles, and integers of any size. */
function said({ body }: Message): string {
  try {
    return (JSON.stringify(body) ?? '').slice(0, 500);
  } catch (error) {
    return `no JSON: ${String(error)}`;
  }
}
