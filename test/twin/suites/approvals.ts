import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import {
  answer,
  ask,
  conveyor,
  ended,
  history,
  linkFor,
  until,
} from '../../../bin/twin/journey/watch.ts';
import type { Twin } from '../../../bin/twin/start-twin.ts';
import { pushSample } from '../../../bin/twin/use-twin.ts';
import { DynamoTable } from '../../../lambdas/adapters/dynamo-table.ts';
import { SystemClock } from '../../../lambdas/adapters/system-clock.ts';
import { TableApprovals } from '../../../lambdas/adapters/table-approvals.ts';
import { PromotionId } from '../../../lambdas/domain/names.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import { statesOf, toolsClient, type Use } from './support.ts';

/** Alarms ring by the minute: other suites go on until this one's has. @returns the promotion that waits */
export function leaveUnanswered(use: Use): () => string {
  let id = '';
  describe('an approval', () => {
    it('is asked for with its own time to be given in', async () => {
      await use().reconfigure({ 'environments.prod-wealth.approval.expires': '8s' });
      id = await awaiting(use(), 'pricing', '72');
      await use().reconfigure({});
    });
  });
  return () => id;
}

/** @param unanswered from `leaveUnanswered` */
export function approvals(use: Use, unanswered: () => string): void {
  describe('an approval', () => {
    it('is not given by a bare SendTaskSuccess', async () => {
      const id = await awaiting(use(), 'statements', '71');
      const sfn = new SFNClient(toolsClient(use()));

      await sfn.send(
        new SendTaskSuccessCommand({
          taskToken: await tokenOf(use(), id),
          output: '{"approved":true}',
        }),
      );

      const states = await until('the gates to be checked again', async () => {
        const seen = await statesOf(use(), id);
        return seen.filter((state) => state === 'Wait for approval').length >= 2 ? seen : undefined;
      });
      expect(states.at(-1)).toBe('Wait for approval');
      expect((await of(use(), id)).state).toBe('awaiting approval');
    });

    it('once rejected ends as rejected, with the reason, and nothing copied', async () => {
      const [running] = (await history(use(), 'statements', 'prod-wealth')).filter(
        (p) => p.endedAt === undefined,
      );

      await answer(await linkFor(use(), 'tom', running?.id ?? ''), 'reject', 'not on a Friday');

      const promotion = await ended(use(), 'statements', 'prod-wealth', '71');
      expect([promotion.state, promotion.because]).toEqual([
        'rejected',
        'tom rejected: not on a Friday',
      ]);
      expect(promotion.steps.copy).toBeUndefined();
      expect((await statesOf(use(), promotion.id)).at(-1)).toBe('Rejected');
    });

    it('by the CLI is refused to the requester and to who is no approver', async () => {
      const id = await awaiting(use(), 'statements', '73');

      const [own, outsider] = await Promise.all([
        conveyor(use(), 'ana', ['approve', id]),
        conveyor(use(), 'raj', ['approve', id]),
      ]);

      expect([own.code, outsider.code]).toEqual([4, 4]);
      expect((await of(use(), id)).state).toBe('awaiting approval');
      const rejected = await conveyor(use(), 'li', ['reject', id, '--note', 'enough tested']);
      expect(rejected.code).toBe(0);
      expect((await ended(use(), 'statements', 'prod-wealth', '73')).state).toBe('rejected');
    });

    it('that nobody gives in time expires, as its alarm says', async () => {
      const id = unanswered();

      const promotion = await ended(use(), 'pricing', 'prod-wealth', '72', 120);

      expect([promotion.id, promotion.state]).toEqual([id, 'expired']);
      // The record says so a moment before the execution has gone its last step.
      const last = await until('the last state', async () => {
        const state = (await statesOf(use(), id)).at(-1);
        return state === 'Finish' || state === 'How did it end?' ? undefined : state;
      });
      expect(last).toBe('Expired');
      const late = await answer(await linkFor(use(), 'li', id), 'approve');
      expect(late.status).toBe(410);
    });

    it('leaves its task token in no record and no log', async () => {
      const { promotions } = await ask<{ promotions: Promotion[] }>(use(), 'raj', [
        'history',
        'statements',
      ]);

      const token = /AAAA|taskToken|"token"/;
      expect(JSON.stringify(promotions)).not.toMatch(token);
      const lambda = new LambdaClient(toolsClient(use()));
      const { LogResult } = await lambda.send(
        new InvokeCommand({ FunctionName: 'conveyor-plan-sweep', LogType: 'Tail', Payload: '{}' }),
      );
      expect(Buffer.from(LogResult ?? '', 'base64').toString()).not.toMatch(token);
    });
  });
}

/** A promotion of that version that waits for its approval in prod-wealth, asked by ana. */
async function awaiting(twin: Twin, service: string, version: string): Promise<string> {
  await pushSample(twin.endpoint, service, version);
  await ended(twin, service, 'dev', version);
  await ask(twin, 'raj', ['promote', service, 'qa', '--version', version, '--wait']);
  const { promotion } = await ask<{ promotion: Promotion }>(twin, 'ana', [
    'promote',
    service,
    'prod-wealth',
    '--version',
    version,
    '--no-wait',
  ]);
  await linkFor(twin, 'tom', promotion.id);
  await linkFor(twin, 'li', promotion.id);
  return promotion.id;
}

async function of(twin: Twin, id: string): Promise<Promotion> {
  const found = (await history(twin, 'statements', 'prod-wealth')).find(
    (promotion) => promotion.id === id,
  );
  if (found === undefined) throw new Error(`no promotion ${id}`);
  return found;
}

/** The token, as only an administrator of the tools account could get at it: out of the table, with the key. */
async function tokenOf(twin: Twin, promotion: string): Promise<string> {
  const dynamo = new DynamoDBClient(toolsClient(twin));
  const { TableNames = [] } = await dynamo.send(new ListTablesCommand({}));
  const table = new DynamoTable(
    dynamo,
    TableNames.find((name) => name.includes('Conveyor')) ?? '',
    new SystemClock(),
  );
  const round = await until('the parked token', async () => {
    const latest = await new TableApprovals(table).latest(PromotionId.parse(promotion));
    return latest?.token === undefined ? undefined : { sealed: latest.token };
  });
  const command = new DecryptCommand({
    CiphertextBlob: Buffer.from(round.sealed, 'base64'),
    EncryptionContext: { promotion },
  });
  const { Plaintext } = await new KMSClient(toolsClient(twin)).send(command);
  return Buffer.from(Plaintext ?? []).toString();
}
