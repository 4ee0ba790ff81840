import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsEnvironment } from './child-environment.ts';
import { ACCOUNTS, type AccountName, type Places, REGION, ROOT } from './layout.ts';
import { run } from './run.ts';

const CDK = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
const QUIET = ['--no-notices', '--no-version-reporting', '--ci', '--no-color'];

export type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/**
 * The unmodified app, by the real `cdk`: one synth, four bootstraps, one deploy of everything. Where nothing that the
 * app is made of differs from what the emulator's state already holds, nothing is done.
 */
export async function deployAll(
  endpoint: URL,
  places: Places,
  step: Step,
): Promise<'deployed' | 'unchanged'> {
  const fingerprint = fingerprintOf(places.config);
  const deployed = existsSync(places.deployed);
  if (deployed && readFileSync(places.deployed, 'utf8') === fingerprint) return 'unchanged';
  const context = ['-c', `config=${places.config}`, '-c', 'removal=destroy'];
  await step('cdk synth', () =>
    cdk(endpoint, 'tools', ['synth', '--quiet', '--output', places.assembly, ...context]),
  );
  if (!deployed) {
    await step('cdk bootstrap, tools account', () => bootstrap(endpoint, places, 'tools'));
    await step('cdk bootstrap, three environment accounts', () =>
      Promise.all(
        (['dev', 'qa', 'prod-wealth'] as const).map((account) =>
          bootstrap(endpoint, places, account),
        ),
      ),
    );
  }
  const options = [
    ...['--require-approval', 'never', '--concurrency', '4', '--progress', 'events'],
    ...['--outputs-file', places.outputs],
  ];
  await step('cdk deploy --all', () =>
    cdk(endpoint, 'tools', ['deploy', '--all', '--app', places.assembly, ...options]),
  );
  writeFileSync(places.deployed, fingerprint);
  return 'deployed';
}

/** The one output of the tools stack whose name begins so. */
export function outputOf(places: Places, name: string): string {
  const { Conveyor = {} } = JSON.parse(readFileSync(places.outputs, 'utf8')) as {
    Conveyor?: Record<string, string>;
  };
  const found = Object.entries(Conveyor).find(([key]) => key.includes(name));
  if (found === undefined) throw new Error(`The stack has no output ${name}: npm run reset`);
  return found[1];
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

/** Everything that a synth reads; the lock file stands for what is in node_modules. */
const MADE_OF = [
  'bin/app.ts',
  'cdk.json',
  'package-lock.json',
  'infra',
  'lambdas',
  'statemachines',
];

function fingerprintOf(config: string): string {
  const hash = createHash('sha256').update(readFileSync(config));
  for (const part of MADE_OF) {
    const path = join(ROOT, part);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' })
          .sort()
          .map((file) => join(path, file))
          .filter((file) => statSync(file).isFile())
      : [path];
    for (const file of files) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}
