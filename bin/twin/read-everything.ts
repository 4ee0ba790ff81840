import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DynamoDBClient, paginateListTables, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import {
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
  SFNClient,
} from '@aws-sdk/client-sfn';
import {
  GetCommandInvocationCommand,
  paginateListCommandInvocations,
  paginateListCommands,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { clientOf, type HostAccount } from './hosts/start-hosts.ts';
import { ACCOUNTS, type AccountName, REGION } from './layout.ts';
import type { Twin } from './start-twin.ts';

/** Something that people, or their tools, read. */
export interface Reading {
  readonly kind: 'commands' | 'outputs' | 'histories' | 'table' | 'logs' | 'ledger' | 'mails';
  readonly place: string;
  readonly text: string;
}

const WITH_HOSTS: readonly HostAccount[] = ['dev', 'qa', 'prod-wealth'];
const MOST_GIT = 200_000_000;
const git = promisify(execFile);

/** All that Conveyor leaves behind where others read: for whoever looks for what must not be there. */
export async function* readEverything(twin: Twin): AsyncGenerator<Reading> {
  for (const account of WITH_HOSTS) {
    yield* readCommands(twin, account);
    yield* readOutputs(twin, account);
  }
  yield* readHistories(twin);
  yield* readTable(twin);
  yield* readLogs(twin);
  const { stdout } = await git(
    'git',
    ['-C', twin.github.gitDirectory, 'log', '--patch', '--format=raw', 'main'],
    { maxBuffer: MOST_GIT },
  );
  yield { kind: 'ledger', place: 'the Ledger', text: stdout };
  for (const mail of twin.inbox.mails)
    yield { kind: 'mails', place: `mail to ${mail.to}`, text: JSON.stringify(mail) };
}

async function* readCommands(twin: Twin, account: HostAccount): AsyncGenerator<Reading> {
  const client = new SSMClient(clientOf(twin.endpoint, account));
  for await (const { Commands = [] } of paginateListCommands({ client }, {}))
    for (const command of Commands) {
      // What is asked travels as base64.
      const asked = (command.Parameters?.Request ?? []).map((one) =>
        Buffer.from(one, 'base64').toString('utf8'),
      );
      const text = JSON.stringify([command, asked]);
      yield { kind: 'commands', place: `command ${command.Comment}`, text };
    }
  for await (const page of paginateListCommandInvocations({ client }, { Details: true }))
    for (const { CommandId, InstanceId, ...told } of page.CommandInvocations ?? []) {
      const all = await client.send(new GetCommandInvocationCommand({ CommandId, InstanceId }));
      const place = `invocation of ${CommandId} on ${InstanceId}`;
      yield { kind: 'commands', place, text: JSON.stringify([told, all]) };
    }
}

async function* readOutputs(twin: Twin, account: HostAccount): AsyncGenerator<Reading> {
  const client = new S3Client({ ...clientOf(twin.endpoint, account), forcePathStyle: true });
  const Bucket = `conveyor-output-${account}-${ACCOUNTS[account]}`;
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket }))
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const text = (await Body?.transformToString()) ?? '';
      yield { kind: 'outputs', place: `s3://${Bucket}/${Key}`, text };
    }
}

async function* readHistories(twin: Twin): AsyncGenerator<Reading> {
  const client = new SFNClient(clientOf(twin.endpoint, 'tools'));
  for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {}))
    for (const { stateMachineArn } of stateMachines)
      for await (const { executions = [] } of paginateListExecutions(
        { client },
        { stateMachineArn },
      ))
        for (const { executionArn } of executions)
          for await (const { events } of paginateGetExecutionHistory({ client }, { executionArn }))
            yield {
              kind: 'histories',
              place: `history of ${executionArn}`,
              text: JSON.stringify(events),
            };
}

async function* readTable(twin: Twin): AsyncGenerator<Reading> {
  const client = new DynamoDBClient(clientOf(twin.endpoint, 'tools'));
  for await (const { TableNames = [] } of paginateListTables({ client }, {}))
    for (const TableName of TableNames)
      for await (const { Items = [] } of paginateScan({ client }, { TableName }))
        for (const item of Items)
          yield {
            kind: 'table',
            place: `item ${item.pk?.S} ${item.sk?.S}`,
            text: JSON.stringify(item),
          };
}

/** CloudWatch's own protocol, without a client of its own for one question. */
async function* readLogs(twin: Twin): AsyncGenerator<Reading> {
  const { logGroups = [] } = await askLogs(twin, 'tools', 'DescribeLogGroups', {});
  for (const { logGroupName } of logGroups as { logGroupName: string }[]) {
    let nextToken: string | undefined;
    do {
      const page = await askLogs(twin, 'tools', 'FilterLogEvents', {
        logGroupName,
        ...(nextToken !== undefined && { nextToken }),
      });
      for (const { message } of (page.events ?? []) as { message: string }[])
        yield { kind: 'logs', place: `log ${logGroupName}`, text: message };
      nextToken = page.nextToken as string | undefined;
    } while (nextToken !== undefined);
  }
}

async function askLogs(
  twin: Twin,
  account: AccountName,
  action: string,
  body: object,
): Promise<Record<string, unknown>> {
  const reply = await fetch(twin.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${ACCOUNTS[account]}/20260101/${REGION}/logs/aws4_request, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`logs:${action} answered ${reply.status}: ${await reply.text()}`);
  return (await reply.json()) as Record<string, unknown>;
}
