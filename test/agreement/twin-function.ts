import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { perform, type Told } from './script.ts';

/** The scripted function as the twin's emulator runs it. It is bundled into a zip; nothing of it is ever deployed to AWS. */
export const handler = (told: Told) =>
  perform(told, {
    count,
    hang: (seconds) => sleep(seconds * 1_000),
    // Who runs the cases answers, from outside and after this has returned, as people and other functions do.
    answer: async (token, answers) => {
      const { ANSWERS = '' } = process.env;
      await fetch(ANSWERS, { method: 'POST', body: JSON.stringify({ token, answers }) });
    },
  });

/** Processes of this function share nothing but the disk; making a folder is atomic. */
function count(key: string): number {
  const counted = join(tmpdir(), `agreement-${key.replace(/[^\w-]/g, '_')}`);
  mkdirSync(counted, { recursive: true });
  for (let calls = 1; ; calls += 1)
    try {
      mkdirSync(join(counted, String(calls)));
      return calls;
    } catch {
      // Somebody else was this call.
    }
}
