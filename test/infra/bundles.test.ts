import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import {
  bundleInputs,
  bundleLambdas,
  bundleOf,
  bundleSize,
  entryPoints,
} from '../../infra/support/bundle.ts';
import { defaultProvider } from '../../lambdas/runtime/credentials.ts';

bundleLambdas();
const functions = [...entryPoints().keys()];
/** Bytes. What a function does not need is kept out by `infra/support/bundle.ts` and by what its entry imports. */
const LARGEST = 850_000;
/** EC2's client describes its 700 operations in one module; a rollout takes minutes, and starts no colder for it. */
const LARGER: Readonly<Record<string, number>> = {
  'deploy-hosts': 1_350_000,
  // Also what encrypts credentials, and YAML's library for the descriptor.
  provision: 1_450_000,
  'sweep-hosts': 1_450_000,
  // Scheduler, SNS, Step Functions, and Run Command of other accounts.
  'mend-line': 900_000,
};
const LICENCES = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
]);

/** Every variable that any function asks for. */
const ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  TABLE_NAME: 'table',
  CONFIG_PATH: '/conveyor/config',
  KEY_ARN: 'key',
  PROMOTE_MACHINE_ARN: 'arn:aws:states:us-east-1:111111111111:stateMachine:conveyor-promote',
  PROVISION_MACHINE_ARN: 'arn:aws:states:us-east-1:111111111111:stateMachine:conveyor-provision',
  TOOLS_ACCOUNT: '111111111111',
  PARTITION: 'aws',
  APPROVALS_TOPIC_ARN: 'topic',
  NOTICES_TOPIC_ARN: 'topic',
  EXPIRE_FUNCTION_ARN: 'fn',
  SCHEDULE_ROLE_ARN: 'role',
  SCHEDULE_GROUP: 'group',
  DEAD_LETTERS_ARN: 'queue',
  PAGES_URL: 'https://pages.example/',
  URL_PARAMETER: '/conveyor/api/url',
  EVENT_BUS_NAME: 'conveyor',
  WEBHOOK_SECRET_PARAMETERS: '/conveyor/r2/webhook',
  WEBHOOK_EVENTS_PER_MINUTE: '1000',
};

afterEach(() => vi.unstubAllEnvs());

const packagesOf = (name: string) =>
  new Set(
    [...bundleInputs(name)]
      .filter(([, bytes]) => bytes > 0)
      .flatMap(
        ([file]) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(file)?.[1] ?? [],
      ),
  );

it('keeps every bundle small', () => {
  for (const name of functions)
    expect(bundleSize(name), name).toBeLessThanOrEqual(LARGER[name] ?? LARGEST);
});

it('carries neither the SDK’s credentials of laptops nor words in 50 languages', () => {
  for (const name of functions) {
    for (const unwanted of ['ini', 'sso', 'process', 'web-identity', 'login', 'node'])
      expect(packagesOf(name), name).not.toContain(`@aws-sdk/credential-provider-${unwanted}`);
    expect(packagesOf(name), name).not.toContain('@aws-sdk/nested-clients');
    const locales = [...bundleInputs(name)].filter(
      ([file, bytes]) => bytes > 0 && /zod\/v4\/locales\/(?!en\.)/.test(file),
    );
    expect(
      locales.map(([file]) => file),
      name,
    ).toEqual([]);
  }
});

it('carries only packages whose licence lets it (T19)', () => {
  for (const name of functions)
    for (const dependency of packagesOf(name)) {
      const { license } = JSON.parse(
        readFileSync(`node_modules/${dependency}/package.json`, 'utf8'),
      );
      expect(LICENCES, dependency).toContain(license);
    }
});

it('can be loaded, each by itself, where nothing is installed, and has a handler', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'bundles-'));
  const files = functions.map((name) => {
    cpSync(bundleOf(name), join(elsewhere, name), { recursive: true });
    return pathToFileURL(join(elsewhere, name, 'index.mjs')).href;
  });
  const { status, stderr } = node(`
    for (const file of ${JSON.stringify(files)}) {
      const { handler } = await import(file);
      if (typeof handler !== 'function') throw new Error(file);
    }`);

  rmSync(elsewhere, { recursive: true });
  expect(stderr).toBe('');
  expect(status).toBe(0);
}, 30_000);

it('keeps the names of errors, which state machines catch by', () => {
  const { stderr } = node(`
    const { handler } = await import(${JSON.stringify(urlOf('take-turn'))});
    await handler({}, { functionName: 'take-turn' }).catch(({ name, constructor }) =>
      process.stderr.write(name + ' ' + constructor.name),
    );`);

  expect(stderr).toBe('InvalidInput InvalidInput');
});

it('signs with the function’s own credentials, through the bundle', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(String(request.headers.authorization));
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: 'InvalidParameter' }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const { handler } = await importBundle('plan-sweep', {
    ...ENVIRONMENT,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });

  await handler({}, { functionName: 'plan-sweep' }).catch(() => undefined);
  server.close();

  expect(seen[0]).toContain('Credential=AKIDEXAMPLE/');
});

it('takes credentials from the container’s endpoint where the environment has none', async () => {
  const server = createServer((_, response) =>
    response.end(
      JSON.stringify({
        AccessKeyId: 'AKIDCONTAINER',
        SecretAccessKey: 's',
        Token: 't',
        Expiration: '2099-01-01T00:00:00Z',
      }),
    ),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${port}/role`);

  const credentials = await defaultProvider()();
  server.close();

  expect(credentials.accessKeyId).toBe('AKIDCONTAINER');
});

it('says so where there are no credentials at all', async () => {
  for (const name of [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ])
    vi.stubEnv(name, undefined);

  await expect(defaultProvider()()).rejects.toMatchObject({ name: 'CredentialsProviderError' });
});

const urlOf = (name: string) => pathToFileURL(join(bundleOf(name), 'index.mjs')).href;

function node(script: string) {
  const env = { ...ENVIRONMENT, POWERTOOLS_LOG_LEVEL: 'SILENT' };
  return spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    env,
    encoding: 'utf8',
  });
}

async function importBundle(name: string, environment: Record<string, string>) {
  for (const [key, value] of Object.entries(environment)) vi.stubEnv(key, value);
  return import(/* @vite-ignore */ urlOf(name));
}
