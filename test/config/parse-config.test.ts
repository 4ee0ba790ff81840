import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseConfig, readConfig } from '../../infra/config.ts';
import type { ConfigProblem } from '../../infra/config-problems.ts';
import { InvalidConfiguration } from '../../lambdas/domain/errors.ts';

const forge = readFileSync('examples/forge/conveyor.yaml', 'utf8');

function edit(from: string, to: string, text = forge): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

function refusal(text: string): InvalidConfiguration {
  try {
    parseConfig(text, 'c.yaml');
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const lines = (text: string) => refusal(text).message.split('\n').slice(1);
const problems = (text: string) => refusal(text).data.problems as ConfigProblem[];

it('reads the worked example of both seeds: who may promote what, and whose yes it takes', () => {
  const config = readConfig('examples/forge/conveyor.yaml');

  const policy = Object.entries(config.environments).map(([name, e]) => [
    name,
    e.account,
    e.promotion,
    e.strategy,
    e.approval?.approvers,
    e.approval?.required,
    e.approval?.selfApproval,
    e.argocd.sync,
  ]);
  expect(policy).toEqual([
    ['dev', '222222222222', 'auto', 'every', undefined, undefined, undefined, 'auto'],
    ['qa', '333333333333', 'manual', 'latest', 'qa-leads', false, false, 'auto'],
    [
      'prod-wealth',
      '444444444444',
      'manual',
      'latest',
      'platform-engineers',
      true,
      false,
      'manual',
    ],
  ]);
  expect(Object.keys(config.services)).toEqual([
    ...['payments', 'ledger-api', 'pricing', 'statements'],
    ...['relay', 'resolver', 'dagster', 'gateway'],
  ]);
});

it.each<[string, string, string, string[]]>([
  [
    'a bare account id',
    '"222222222222"',
    '222222222222',
    [
      'c.yaml:62:14 environments.dev.account: found 222222222222; write it in quotes: "222222222222" (bare, YAML reads a number)',
    ],
  ],
  [
    'a bare account id with a leading zero',
    '"222222222222"',
    '022222222222',
    [
      'c.yaml:62:14 environments.dev.account: found 022222222222; write it in quotes: "022222222222" (bare, YAML reads a number)',
    ],
  ],
  [
    'a bare account id written octal',
    '"222222222222"',
    '0o17',
    [
      'c.yaml:62:14 environments.dev.account: found 0o17; write it in quotes: "0o17" (bare, YAML reads a number)',
    ],
  ],
  [
    'a value outside a choice',
    'promotion: auto',
    'promotion: sometimes',
    ['c.yaml:64:16 environments.dev.promotion: found sometimes; write one of auto, manual'],
  ],
  [
    'two targets',
    'argocd: { path: "envs/{environment}/{service}.yaml", key: image.tag }',
    'argocd: { path: "envs/{environment}/{service}.yaml" }\n      store: {}',
    [
      'c.yaml:96:7 services.payments.target: found a mapping; write another value: a target is one of argocd, store, compose, systemd',
    ],
  ],
  [
    'a misspelt key, once',
    'server: https',
    'sever: https',
    ['c.yaml:23:3 argocd.sever: found the unknown key sever; write server (did you mean that?)'],
  ],
  [
    'a key nobody knows',
    'strategy: every',
    'zebra: every',
    [
      'c.yaml:65:5 environments.dev.zebra: found the unknown key zebra; write one of account, region, promotion, strategy, approval, argocd, repositories, releaseBucket',
    ],
  ],
  [
    'a secret instead of its name',
    '/conveyor/github/token',
    'ghp_x',
    [
      'c.yaml:19:14 ledger.github.auth.token: found ghp_x; write another value: a secret is named by its SSM parameter, like /conveyor/github/token',
    ],
  ],
  [
    'a duration of two units',
    'expires: 24h',
    'expires: 1h30',
    [
      'c.yaml:87:16 environments.prod-wealth.approval.expires: found 1h30; write another value: a duration is a whole number and one of s, m, h, d, like 24h',
    ],
  ],
  [
    'a missing value',
    'name: Ana Ferreira',
    'name:',
    ['c.yaml:35:10 people.ana.name: found nothing; write name: with a text'],
  ],
  [
    'a missing section',
    'apiVersion: conveyor/v1',
    '',
    ['c.yaml:8:1 apiVersion: found nothing; write apiVersion: with conveyor/v1'],
  ],
  [
    'a group that is not declared',
    'approvers: platform-engineers',
    'approvers: platform-team',
    [
      'c.yaml:84:18 environments.prod-wealth.approval.approvers: found platform-team; write another value: no group is called platform-team (declared: platform-engineers, qa-leads)',
      'c.yaml:85:16 environments.prod-wealth.approval.minimum: found 1; write another value: 1 approvals are asked of 0 people',
    ],
  ],
  [
    'a stage that is not declared',
    'stages: [dev, qa',
    'stages: [devv, qa',
    [
      'c.yaml:94:14 services.payments.stages.0: found devv; write another value: no environment is called devv (declared: dev, qa, prod-wealth)',
    ],
  ],
  ['a key twice', '  qa:\n', '  dev:\n', ['c.yaml:69:3: found a key twice; write each key once']],
  [
    'a capital in a name',
    '  payments:\n',
    '  Payments:\n',
    [
      'c.yaml:92:3 services.Payments: found Payments; write another value: a service is named by lower-case letters, digits and dashes, at most 40',
    ],
  ],
  [
    'a name that every object has',
    '  pricing:\n',
    '  constructor:\n',
    [
      'c.yaml:104:3 services.constructor: found constructor; write another name; this one is reserved',
    ],
  ],
  [
    'neither of two shapes',
    'approvers: qa-leads',
    'approvers: 5',
    ['c.yaml:74:18 environments.qa.approval.approvers: found 5; write a text, or a list'],
  ],
  [
    'a broken list',
    'email: [platform-support@forge.example]',
    'email: platform',
    ['c.yaml:30:10 notifications.email: found platform; write a list'],
  ],
  [
    'a mail address that is none',
    'email: ana@forge.example',
    'email: ana',
    ['c.yaml:36:12 people.ana.email: found ana; write a mail address'],
  ],
])('says where %s stands and what to write', (_, from, to, expected) => {
  expect(lines(edit(from, to))).toEqual(expected);
});

it('lists every problem at once, in the order of the file, and as data', () => {
  const text = edit(
    'strategy: every',
    'stratgey: every',
    edit('name: Li Wei', 'nam: Li Wei', edit('promotion: auto', 'promotion: yes')),
  );

  expect(problems(text).map(({ line, column, path }) => [line, column, path])).toEqual([
    [39, 5, 'people.li.nam'],
    [64, 16, 'environments.dev.promotion'],
    [65, 5, 'environments.dev.stratgey'],
  ]);
  expect(refusal(text).fix).toBe('Correct c.yaml and run: conveyor validate');
});

it.each([
  ['nothing', ''],
  ['a list', '- 1'],
  ['half a list', 'a: [1\nb: }'],
  ['tabs', '\ta: 1'],
  ['two documents', `${forge}\n---\na: 1\n`],
  ['an unknown alias', 'a: *b'],
  ['a prototype', '__proto__: {a: 1}\n'],
  ['a tower of brackets', '['.repeat(20_000)],
  [
    'a laugh',
    'a: &a [1,2]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c]',
  ],
  ['more than a megabyte', `#${'x'.repeat(1_000_000)}`],
])('refuses %s as InvalidConfiguration, with at most a screen of words', (_, text) => {
  expect(refusal(text).message.length).toBeLessThan(5_000);
});

it('names both places of a shared value: where it is written, and where it is used', () => {
  const text = edit('region: us-east-1', 'region: &r nowhere').replace(
    'region: us-east-1\n    promotion: auto',
    'region: *r\n    promotion: auto',
  );
  expect(problems(text).map(({ line, found }) => [line, found])).toEqual([
    [10, 'nowhere'],
    [63, '*r'],
  ]);
});

it('refuses a file that is missing, a folder, or too large, before reading it (T7)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'conveyor-'));
  const large = join(folder, 'large.yaml');
  writeFileSync(large, '#'.repeat(1_000_001));

  for (const file of [join(folder, 'none.yaml'), folder, large])
    expect(() => readConfig(file)).toThrow(InvalidConfiguration);
});
