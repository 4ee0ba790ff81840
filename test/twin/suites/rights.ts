import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { GATEWAY_TAGS } from '../../../bin/twin/hosts/forge-fleet.ts';
import { ask, conveyor, ended, linkFor } from '../../../bin/twin/journey/watch.ts';
import { ACCOUNTS, REGION } from '../../../bin/twin/layout.ts';
import type { Twin } from '../../../bin/twin/start-twin.ts';
import { pushSample } from '../../../bin/twin/use-twin.ts';
import { readConfig } from '../../../infra/config.ts';
import { DynamoTable } from '../../../lambdas/adapters/dynamo-table.ts';
import { SystemClock } from '../../../lambdas/adapters/system-clock.ts';
import { TablePromotions } from '../../../lambdas/adapters/table-promotions.ts';
import { TableReleases } from '../../../lambdas/adapters/table-releases.ts';
import { EnvironmentName, ServiceName, Version } from '../../../lambdas/domain/names.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import { newPromotion } from '../../../lambdas/promote/new-promotion.ts';
import { decideCall } from '../../infra/decide-call.ts';
import { environmentNames } from '../../infra/forge.ts';
import { grantedBy, linesOf, type Rights, sorted } from '../../infra/granted.ts';
import { evaluate } from '../../infra/policies.ts';
import { type World, worldOf } from '../../infra/world.ts';
import { ON_CALL, policyOnCall } from './on-call.ts';
import { statesOf, toolsClient, type Use } from './support.ts';

const SERVICE = 'pricing';
const USED = join(import.meta.dirname, '../../iam/used.json');

/** Runs last but for the restart, which forgets the calls: the ratchet is about everything that the others did. */
export function rights(use: Use): void {
  describe('the rights of functions', () => {
    it('are told by the calls of each function’s own role, under the names that IAM checks', async () => {
      await conveyor(use(), 'raj', ['status']);

      const calls = await callsOf(use());

      const api = calls.filter(({ role }) => role.endsWith(':role/conveyor-api'));
      expect(api.map(({ action }) => action)).toContain('dynamodb:Query');
      const actions = calls.map(({ action }) => action);
      expect(actions.filter((action) => /Transact|\?/.test(action))).toEqual([]);
      expect(actions).toContain('dynamodb:DeleteItem');
    });

    it('suffice to start what was recorded by somebody who died before starting it', async () => {
      await pushSample(use().endpoint, SERVICE, '4101');
      await ended(use(), SERVICE, 'dev', '4101');
      const { id } = await recorded(use(), '4101');

      await invoke(use(), 'mend-line', { service: SERVICE, environment: 'qa' });

      const promotion = await ended(use(), SERVICE, 'qa', '4101');
      expect([promotion.id, promotion.state]).toEqual([id, 'promoted']);
    });

    it('suffice to end what was stopped while it awaited its approval, and to take its alarm back', async () => {
      const args = ['promote', SERVICE, 'prod-wealth', '--version', '4101', '--no-wait'];
      const { promotion } = await ask<{ promotion: Promotion }>(use(), 'ana', args);
      await linkFor(use(), 'tom', promotion.id);
      const executionArn = `arn:aws:states:${REGION}:${ACCOUNTS.tools}:execution:conveyor-promote:${promotion.id}`;
      await new SFNClient(toolsClient(use())).send(new StopExecutionCommand({ executionArn }));

      await invoke(use(), 'mend-line', { service: SERVICE, environment: 'prod-wealth' });

      const stopped = await ended(use(), SERVICE, 'prod-wealth', '4101');
      expect([stopped.state, stopped.cause?.code]).toEqual(['failed', 'ExecutionLost']);
    });

    it('suffice to wake an execution at once whose turn or approval came meanwhile', async () => {
      const { id } = await ended(use(), SERVICE, 'qa', '4101');
      const asking = { enteredAt: new Date().toISOString(), attempt: 0 };
      const late = { promotion: id, service: SERVICE, environment: 'qa', token: 'over', ...asking };

      await invoke(use(), 'park-turn', late);
      await invoke(use(), 'request-approval', late);

      expect((await statesOf(use(), id)).at(-1)).toBe('Promoted');
    });

    it('are used, each one; what is used for the first time is a change of test/iam/used.json (T13)', async () => {
      const roles = Object.keys(grantedBy(templatesOf(use())));
      const calls = await callsOf(use());
      const used: Rights = Object.fromEntries(
        roles.map((role) => [
          role,
          sorted(
            calls
              .filter((call) => call.role.endsWith(`:role/${role}`))
              .map(({ action }) => action)
              .filter((action) => !BY_CHANCE.has(action)),
          ),
        ]),
      );

      await expect(`${JSON.stringify(linesOf(used), undefined, 2)}\n`).toMatchFileSnapshot(USED);
    });

    it('and the other side’s policy both allow every call that was made (T1, T13)', async () => {
      const [tools, ...others] = templatesOf(use());
      if (tools === undefined) throw new Error('nothing is deployed');
      const environments = Object.fromEntries(others.map((of, i) => [environmentNames[i], of]));
      const world = worldOf({ tools, environments });
      const ours = (await callsOf(use())).filter(({ role }) => world.identities.has(role));

      const refused = ours.filter((made) => {
        const action = made.action.replace(/ .*$/, '');
        const resource = calleeOf(world, made);
        const context = contextOf(action, resource);
        const call = { principal: made.role, action, resource, context };
        return decideCall(world, call) !== 'allowed';
      });

      expect(refused).toEqual([]);
      expect(ours.length).toBeGreaterThan(80);
    });
  });

  describe('who deploys past Conveyor', () => {
    it('may do all that conveyor ssm calls by the policy of the how-to', async () => {
      const { Statement } = policyOnCall();
      const made = (await callsOf(use())).filter(({ role }) => role === ON_CALL);

      const refused = made.filter(({ action, resource }) => {
        const context = contextOf(action, resource);
        const call = { principal: ON_CALL, action, resource, context };
        return action !== NEEDS_NO_RIGHT && evaluate(Statement, call) !== 'allowed';
      });

      expect(refused).toEqual([]);
      const given = new Set(Statement.flatMap(({ Action }) => Action));
      const used = new Set<string>(made.map(({ action }) => action));
      expect(sorted([...given].filter((action) => !used.has(action)))).toEqual(NOT_USED_ON_CALL);
    });
  });
}

/** "No permissions are required" ("GetCallerIdentity"). */
const NEEDS_NO_RIGHT = 'sts:GetCallerIdentity';
/** Where the twin has no image to go back to, no key to list for, and nobody who stops it. */
const NOT_USED_ON_CALL = [
  'ecr:BatchGetImage',
  'ecr:GetAuthorizationToken',
  's3:ListBucket',
  'ssm:CancelCommand',
  'ssm:ListCommands',
];

/** Used where the function that the hosts' suite kills dies between a command and the noting of its id, and there alone. */
const BY_CHANCE = new Set(['ssm:ListCommands']);

interface Made {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly times: number;
}

async function callsOf(twin: Twin): Promise<Made[]> {
  return (await fetch(new URL('/_twin/calls', twin.endpoint))).json() as Promise<Made[]>;
}

/** As they were deployed: the tools account's, then each environment's. */
function templatesOf(twin: Twin): Template[] {
  return ['Conveyor', ...environmentNames.map((name) => `ConveyorEnvironment-${name}`)].map(
    (stack) =>
      Template.fromJSON(
        JSON.parse(readFileSync(join(twin.places.assembly, `${stack}.template.json`), 'utf8')),
      ),
  );
}

/** Names that CloudFormation made up (`Stack-LogicalId-1A2B…`) by their logical ids; a token is of `promote` alone. */
function calleeOf(world: World, { role, action, resource }: Made): string {
  if (action === 'states:SendTaskSuccess')
    return `arn:aws:states:${REGION}:${ACCOUNTS.tools}:stateMachine:conveyor-promote`;
  if (action.startsWith('kms:'))
    return [...world.policies.keys()].find((arn) => arn.startsWith('arn:aws:kms:')) ?? resource;
  // No resource of its own (`ecr:GetAuthorizationToken`): the account's.
  if (resource === '*') return role.replace(/:role\/.*$/, ':any');
  return resource.replace(/Conveyor(?:Environment-[\w-]+?)?-(\w+)-[0-9A-F]{8,}$/, '$1');
}

/** What the caller and AWS put beside a call; the twin's patch has looked at KMS's. */
function contextOf(action: string, resource: string): Record<string, string> {
  const environment = /ConveyorDeployRole-([\w-]+)$/.exec(resource)?.[1];
  return {
    'aws:SecureTransport': 'true',
    'kms:EncryptionContext:promotion': 'p_*',
    ...(environment !== undefined && {
      'sts:ExternalId': `conveyor:${ACCOUNTS.tools}:${environment}`,
    }),
    ...(action === 'events:PutEvents' && { 'events:source': 'conveyor.r2' }),
    // Every machine of the twin has them.
    ...(action === 'ssm:SendCommand' && tagContext(GATEWAY_TAGS)),
    ...(action === 'iam:PassRole' && { 'iam:PassedToService': 'scheduler.amazonaws.com' }),
  };
}

function tagContext(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [`ssm:resourceTag/${key}`, value]),
  );
}

async function invoke(twin: Twin, name: string, payload: object): Promise<void> {
  const { FunctionError, Payload } = await new LambdaClient(toolsClient(twin)).send(
    new InvokeCommand({ FunctionName: `conveyor-${name}`, Payload: JSON.stringify(payload) }),
  );
  if (FunctionError !== undefined)
    throw new Error(`${name}: ${Buffer.from(Payload ?? []).toString()}`);
}

/** A promotion into qa as whoever asked for it left it: in the table, in line, and not started. */
async function recorded(twin: Twin, version: string): Promise<Promotion> {
  const dynamo = new DynamoDBClient(toolsClient(twin));
  const { TableNames = [] } = await dynamo.send(new ListTablesCommand({}));
  const clock = new SystemClock();
  const name = TableNames.find((table) => table.includes('Conveyor')) ?? '';
  const table = new DynamoTable(dynamo, name, clock);
  const release = await new TableReleases(table).find(
    ServiceName.parse(SERVICE),
    Version.parse(version),
  );
  if (release === undefined) throw new Error(`no release ${version}`);
  const promotion = newPromotion(readConfig(twin.places.config), clock, {
    release,
    environment: EnvironmentName.parse('qa'),
    requestedBy: { automatic: 'promotion' },
  });
  return new TablePromotions(table).open(promotion, `rights-${version}`);
}
