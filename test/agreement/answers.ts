import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { Answer } from './script.ts';

export interface Answers {
  readonly url: string;
  /** @throws what kept an answer from being given */
  close(): void;
}

/** Hears of tokens from the scripted function, and answers them as it was told. */
export async function openAnswers(sfn: SFNClient): Promise<Answers> {
  const failures: Error[] = [];
  const server = createServer((request, reply) => {
    text(request).then((body) => {
      const { token, answers } = JSON.parse(body) as { token: string; answers: Answer[] };
      reply.end();
      answerAll(sfn, token, answers).catch((error: Error) => {
        // An answer that finds nobody is refused; that is for the execution to show.
        if (!['TaskDoesNotExist', 'TaskTimedOut'].includes(error.name)) failures.push(error);
      });
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      if (failures.length > 0) throw new AggregateError(failures, String(failures[0]));
    },
  };
}

async function answerAll(sfn: SFNClient, taskToken: string, answers: readonly Answer[]) {
  // The function's own return comes first.
  await sleep(50);
  for (const answer of answers) {
    if ('pause' in answer) await sleep(answer.pause * 1_000);
    if ('succeed' in answer) {
      const output = JSON.stringify(answer.succeed);
      await sfn.send(new SendTaskSuccessCommand({ taskToken, output }));
    }
    if ('fail' in answer) await sfn.send(new SendTaskFailureCommand({ taskToken, ...answer.fail }));
    if ('heartbeat' in answer) await sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
  }
}
