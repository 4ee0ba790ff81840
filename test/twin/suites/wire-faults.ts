import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answer,
  ask,
  commits,
  ended,
  ledgerTag,
  linkFor,
} from '../../../bin/twin/journey/watch.ts';
import type { Twin } from '../../../bin/twin/start-twin.ts';
import { pushSample, registryOf } from '../../../bin/twin/use-twin.ts';
import { startWireFaults, type WireFault, type WireFaults } from '../../../bin/twin/wire-faults.ts';
import { RepositoryName, Version } from '../../../lambdas/domain/names.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import { toolsClient, type Use } from './support.ts';

const SERVICE = 'pricing';
const VERSION = '4001';

const lost = (service: string, operation: string, times: number): WireFault => ({
  service,
  operation,
  times,
  sequence: { fail: 1, pass: 2 },
  response: { abort_bytes: 0 },
});
const throttled = (service: string, operation: string, times: number, inARow = 1): WireFault => ({
  service,
  operation,
  times,
  sequence: { fail: inARow, pass: 4 },
  error: { code: 'ThrottlingException', status: 400 },
});
const slow = (service: string, operation: string, times: number): WireFault => ({
  service,
  operation,
  times,
  latency: 400,
});

/** By counts, not by chance: each run meets the same faults. Three in a row outlast the SDK's own attempts. */
const ON_THE_WAY_TO_DEV = [
  throttled('ssm', 'GetParametersByPath', 1),
  lost('stepfunctions', 'StartExecution', 2),
  lost('dynamodb', 'TransactWriteItems', 3),
  throttled('dynamodb', 'GetItem', 2),
  slow('dynamodb', 'Query', 3),
];
const ON_THE_WAY_TO_QA = [
  throttled('ssm', 'GetParametersByPath', 3, 3),
  lost('dynamodb', 'TransactWriteItems', 4),
  lost('sts', 'AssumeRole', 1),
  throttled('stepfunctions', 'StartExecution', 1),
];
const ON_THE_WAY_TO_PROD = [
  lost('sns', 'Publish', 2),
  lost('scheduler', 'CreateSchedule', 1),
  lost('stepfunctions', 'SendTaskSuccess', 1),
  lost('dynamodb', 'TransactWriteItems', 4),
  throttled('kms', 'Encrypt', 1),
  throttled('dynamodb', 'Query', 3, 3),
];

export function wireFaults(use: Use): void {
  describe('while AWS throttles, dawdles and loses replies', () => {
    let faults: WireFaults;
    let digest = '';
    const done: Promotion[] = [];

    beforeAll(async () => {
      faults = await startWireFaults(
        use().places,
        use().endpoint,
        use().ports.emulator + 4,
        () => {},
      );
      await callThrough(use(), faults.endpoint);
    });
    afterAll(async () => {
      await callThrough(use(), undefined);
      await faults?.stop();
    });

    it('a push lands in dev by itself', async () => {
      await faults.inject(ON_THE_WAY_TO_DEV);

      digest = await pushSample(use().endpoint, SERVICE, VERSION);

      done.push(await ended(use(), SERVICE, 'dev', VERSION, 90));
      expect(done.at(-1)?.state).toBe('promoted');
    });

    it('a click carries it into qa', async () => {
      await faults.inject(ON_THE_WAY_TO_QA);

      await ask(use(), 'raj', ['promote', SERVICE, 'qa', '--version', VERSION, '--no-wait']);

      done.push(await ended(use(), SERVICE, 'qa', VERSION, 90));
      expect(done.at(-1)?.state).toBe('promoted');
    });

    it('an approval carries it into prod-wealth', async () => {
      await faults.inject(ON_THE_WAY_TO_PROD);
      const args = ['promote', SERVICE, 'prod-wealth', '--version', VERSION, '--no-wait'];
      const { promotion } = await ask<{ promotion: Promotion }>(use(), 'ana', args);

      const reply = await answer(await linkFor(use(), 'li', promotion.id), 'approve');

      done.push(await ended(use(), SERVICE, 'prod-wealth', VERSION, 90));
      expect([reply.status, done.at(-1)?.id, done.at(-1)?.state]).toEqual([
        200,
        promotion.id,
        'promoted',
      ]);
    });

    it('nothing happens twice: one commit each, the same bytes, no third mail', async () => {
      const bodies = (await commits(use())).map(({ body }) => body);

      for (const { id, environment } of done) {
        expect(bodies.filter((body) => body.includes(`Conveyor-Promotion: ${id}`))).toHaveLength(1);
        expect(await ledgerTag(use(), SERVICE, environment)).toBe(VERSION);
      }
      for (const account of ['dev', 'qa', 'prod-wealth'] as const) {
        const registry = await registryOf(use().endpoint, account);
        const repository = RepositoryName.parse(`forge/${SERVICE}`);
        expect((await registry.head(repository, Version.parse(VERSION)))?.digest).toBe(digest);
      }
      const [, , prod] = done;
      const asked = use().inbox.mails.filter(
        ({ text }) =>
          prod !== undefined &&
          text.includes('conveyor approve') &&
          prod.id.startsWith(/conveyor approve (p_\w+)/.exec(text)?.[1] ?? '?'),
      );
      const people = asked.map(({ to }) => to);
      expect([...new Set(people)].sort()).toEqual(['li@forge.example', 'tom@forge.example']);
      for (const person of people)
        expect(people.filter((other) => other === person).length).toBeLessThanOrEqual(2);
    });

    it('and each of those faults was really met on the wire', async () => {
      const fired = await faults.fired();

      const met = fired.map(({ service, operation, action }) => {
        const kind = /^(response|error|latency)/.exec(action)?.[1];
        return `${service} ${operation} ${kind}`;
      });
      expect([...new Set(met)].sort()).toEqual([...new Set(ALL.map(kindOf))].sort());
      expect(met.filter((kind) => kind.endsWith('response')).length).toBeGreaterThanOrEqual(8);
    });
  });
}

const ALL = [...ON_THE_WAY_TO_DEV, ...ON_THE_WAY_TO_QA, ...ON_THE_WAY_TO_PROD];

function kindOf({ service, operation, response, error }: WireFault): string {
  const kind = response ? 'response' : error ? 'error' : 'latency';
  return `${service} ${operation} ${kind}`;
}

/** The SDKs' own variables (SDK reference guide, "Service-specific endpoints"). */
const VARIABLES = ['DYNAMODB', 'KMS', 'SCHEDULER', 'SFN', 'SNS', 'SSM', 'STS'].map(
  (service) => `AWS_ENDPOINT_URL_${service}`,
);

/** Sends what every function calls through the proxy, or straight again; their processes start anew by it. */
async function callThrough(twin: Twin, endpoint: URL | undefined): Promise<void> {
  const lambda = new LambdaClient(toolsClient(twin));
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  for (const { FunctionName } of Functions) {
    if (!FunctionName?.startsWith('conveyor-')) continue;
    const { Environment } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName }),
    );
    const own = Object.entries(Environment?.Variables ?? {}).filter(
      ([name]) => !VARIABLES.includes(name),
    );
    const proxied = endpoint === undefined ? [] : VARIABLES.map((name) => [name, endpoint.origin]);
    const Variables = Object.fromEntries([...own, ...proxied]);
    const command = { FunctionName, Environment: { Variables } };
    await lambda.send(new UpdateFunctionConfigurationCommand(command));
  }
}
