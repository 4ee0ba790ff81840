import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsEnvironment } from './child-environment.ts';
import { ACCOUNTS, type AccountName, type Places, REGION, ROOT } from './layout.ts';
import { run } from './run.ts';

const CDK = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
const QUIET = ['--no-notices', '--no-version-reporting', '--ci', '--no-color'];

export type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/**
 * The unmodified app, by the real `cdk`: one synth, four bootstraps, one deploy of everything. Where the assembly is
 * the one that the emulator's state already holds, nothing is done.
 */
export async function deployAll(
  endpoint: URL,
  places: Places,
  step: Step,
): Promise<'deployed' | 'unchanged'> {
  await step('synth', () =>
    cdk(endpoint, 'tools', [
      'synth',
      '--quiet',
      '--output',
      places.assembly,
      '-c',
      `config=${places.config}`,
      '-c',
      'removal=destroy',
    ]),
  );
  const fingerprint = fingerprintOf(places.assembly);
  if (existsSync(places.deployed) && readFileSync(places.deployed, 'utf8') === fingerprint)
    return 'unchanged';
  if (!existsSync(places.deployed)) {
    await step('bootstrap of the tools account', () => bootstrap(endpoint, places, 'tools'));
    await step('bootstrap of three environment accounts', () =>
      Promise.all(
        (['dev', 'qa', 'prod-wealth'] as const).map((account) =>
          bootstrap(endpoint, places, account),
        ),
      ),
    );
  }
  await step('cdk deploy --all', () =>
    cdk(endpoint, 'tools', [
      'deploy',
      '--all',
      '--app',
      places.assembly,
      '--require-approval',
      'never',
      '--concurrency',
      '4',
      '--progress',
      'events',
    ]),
  );
  writeFileSync(places.deployed, fingerprint);
  return 'deployed';
}

function bootstrap(endpoint: URL, places: Places, account: AccountName): Promise<string> {
  const trust =
    account === 'tools'
      ? []
      : [
          '--trust',
          ACCOUNTS.tools,
          '--cloudformation-execution-policies',
          'arn:aws:iam::aws:policy/AdministratorAccess',
        ];
  return cdk(endpoint, account, [
    'bootstrap',
    `aws://${ACCOUNTS[account]}/${REGION}`,
    '--app',
    places.assembly,
    ...trust,
  ]);
}

function cdk(endpoint: URL, account: AccountName, args: readonly string[]): Promise<string> {
  return run(process.execPath, [CDK, ...args, ...QUIET], {
    cwd: ROOT,
    env: awsEnvironment(endpoint, account),
  });
}

/** Templates and asset manifests name every asset by its content, so they are all that can differ. */
function fingerprintOf(assembly: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(assembly).sort())
    if (/\.(template|assets)\.json$/.test(file))
      hash.update(file).update(readFileSync(join(assembly, file)));
  return hash.digest('hex');
}
