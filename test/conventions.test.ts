import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Import, type Source, sources } from './sources.ts';

const ROOMS = [
  ...['intake', 'promote', 'approval', 'copy', 'ledger', 'sweep', 'board'],
  ...['deploy-hosts', 'provision'],
];
const rooms = ROOMS.map((room) => `lambdas/${room}/`);
const own = (...folders: string[]) => folders.map((folder) => `lambdas/${folder}/`);

interface Rule {
  readonly own: readonly string[];
  /** Package names; `node:` is Node's own. */
  readonly packages: readonly RegExp[];
}

const ROOM: Rule = {
  own: [...own('domain', 'ports', 'view'), ...rooms],
  packages: [/^zod$/, /^hono(\/|$)/, /^node:(crypto|util|stream)$/],
};

/** Which way dependencies point. What is not listed here may not be imported there. */
const RULES: readonly (readonly [RegExp, Rule])[] = [
  [/^lambdas\/domain\//, { own: own('domain'), packages: [/^zod$/, /^semver$/, /^node:crypto$/] }],
  [/^lambdas\/ports\//, { own: own('domain', 'ports'), packages: [/^node:stream$/] }],
  [
    /^lambdas\/view\//,
    {
      own: [...own('domain', 'ports', 'view'), 'lambdas/board/contract.ts'],
      packages: [/^hono(\/|$)/, /^node:crypto$/],
    },
  ],
  [
    /^lambdas\/runtime\//,
    {
      own: [
        ...own('domain', 'ports', 'adapters', 'runtime'),
        'lambdas/copy/environment-registry.ts',
        'lambdas/copy/open-store.ts',
      ],
      packages: [
        /^zod$/,
        /^@aws-sdk\//,
        /^@aws-lambda-powertools\//,
        /^aws-lambda$/,

        /^node:zlib$/,
      ],
    },
  ],
  [
    /^lambdas\/adapters\//,
    {
      own: own('domain', 'ports', 'adapters'),
      packages: [
        /^zod$/,
        /^@aws-sdk\/(client|lib)-/,
        /^@smithy\/core\/retry$/,
        /^@octokit\//,
        /^ulid$/,
        /^node:/,
      ],
    },
  ],
  [
    /\.lambda\.tsx?$/,
    { own: [...ROOM.own, ...own('runtime', 'adapters')], packages: [/^zod$/, /^hono\//] },
  ],
  [
    // What somebody uploaded is unpacked nowhere else.
    /^lambdas\/intake\/tarball-gunzip\.ts$/,
    { own: ROOM.own, packages: [...ROOM.packages, /^node:zlib$/] },
  ],
  [
    /^lambdas\/provision\//,
    {
      own: ROOM.own,
      packages: [...ROOM.packages, /^yaml$/, /^age-encryption$/, /^@noble\/(curves|hashes)\//],
    },
  ],
  [/^lambdas\/ledger\//, { own: ROOM.own, packages: [...ROOM.packages, /^yaml$/] }],
  [
    // A caller proves who they are with a signature of AWS's own kind; no client is made.
    /^lambdas\/board\/sign-identity\.ts$/,
    { own: ROOM.own, packages: [...ROOM.packages, /^@smithy\//, /^@aws-crypto\//] },
  ],
  [/^lambdas\//, ROOM],
  [
    /^infra\//,
    {
      own: ['infra/', 'lambdas/domain/'],
      packages: [/^aws-cdk-lib(\/|$)/, /^constructs$/, /^esbuild$/, /^yaml$/, /^zod$/, /^node:/],
    },
  ],
];

const all = sources('bin', 'infra', 'lambdas');
const ours = all.filter(({ path }) => !path.startsWith('bin/'));

function allowed(rule: Rule, { of, own }: Import): boolean {
  return own
    ? rule.own.some((prefix) => of.startsWith(prefix))
    : rule.packages.some((name) => name.test(of));
}

it('lets dependencies point one way: domain ← ports ← rooms and adapters ← entries, infra beside them', () => {
  const wrong = ours.flatMap(({ path, imports }) => {
    const rule = RULES.find(([pattern]) => pattern.test(path))?.[1];
    if (rule === undefined) return [`${path}: no rule`];
    return imports.filter((one) => !allowed(rule, one)).map(({ of }) => `${path} imports ${of}`);
  });

  expect(wrong).toEqual([]);
});

it.each([
  ['lambdas/domain/decide.ts', 'lambdas/ports/clock.ts', true],
  ['lambdas/domain/decide.ts', '@aws-sdk/client-sfn', false],
  ['lambdas/promote/take-turn.ts', 'lambdas/adapters/table-lines.ts', true],
  ['lambdas/promote/take-turn.ts', 'lambdas/runtime/state.ts', true],
  ['lambdas/adapters/table-lines.ts', 'lambdas/promote/take-turn.ts', true],
  ['lambdas/promote/take-turn.lambda.ts', 'infra/support/bundle.ts', true],
  ['infra/approval.ts', 'lambdas/adapters/sns-notices.ts', true],
  ['infra/approval.ts', '@aws-sdk/client-sns', false],
])('would say no to %s importing %s', (path, of, own) => {
  const rule = RULES.find(([pattern]) => pattern.test(path))?.[1];

  expect(rule && allowed(rule, { of, own, typeOnly: false })).toBe(false);
});

it('imports the twin from nothing that ships', () => {
  const wrong = all
    .filter(({ path }) => !/^bin\/twin(\.ts$|\/)/.test(path))
    .flatMap(({ path, imports }) =>
      imports.filter(({ of }) => /^bin\/twin(\.ts$|\/)/.test(of)).map(({ of }) => `${path}: ${of}`),
    );

  expect(wrong).toEqual([]);
});

it('draws zod in so that what is not used stays out of the bundles', () => {
  const whole = sources('lambdas')
    .filter(({ text }) => /^import \{ z \} from 'zod'/m.test(text))
    .map(({ path }) => `${path}: write import * as z from 'zod'`);

  expect(whole).toEqual([]);
});

it('keeps files short', () => {
  const sizes = all.map(({ lines }) => lines.length).sort((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
  const long = all.filter(({ lines }) => lines.length > 250).map(said);

  expect(long).toEqual([]);
  expect(median, `median of ${sizes.length} files`).toBeLessThanOrEqual(90);
});

it('keeps entries to parse, one call, return', () => {
  // The API's entry also ties a caller's proof to the table; its wiring is the length of its ports.
  const limit = (path: string) => (path === 'lambdas/board/api.lambda.ts' ? 80 : 45);
  const long = all.filter(
    ({ path, lines }) => /\.lambda\.tsx?$/.test(path) && lines.length > limit(path),
  );

  expect(long.map(said)).toEqual([]);
});

it.each([
  [
    'time, chance and waiting come from the clock alone',
    /Date\.now\(|new Date\(\)|Math\.random\(|randomUUID\(|(?<!clock\.)randomBytes\((?!length: number)|(?<![\w.])(?:setTimeout|setInterval)\(/,
    'lambdas/adapters/system-clock.ts',
  ],
  ['functions log, they do not print', /\bconsole\.\w+\(/, ''],
  ['the environment is read in one place', /\bprocess\.env\b/, 'lambdas/runtime/env.ts'],
])('%s', (_, forbidden, allowedIn) => {
  const wrong = sources('lambdas')
    .filter(({ path }) => path !== allowedIn)
    .flatMap(({ path, lines }) =>
      lines.filter((line) => forbidden.test(code(line))).map((line) => `${path}: ${line.trim()}`),
    );

  expect(wrong).toEqual([]);
});

it('depends on exact versions of packages whose licences let it (T19)', () => {
  const LICENCES = ['MIT', 'MIT-0', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'];
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  for (const name of Object.keys(dependencies)) {
    const { license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
    expect(LICENCES, name).toContain(license);
  }
});

it('imports only packages that package.json names', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const named = (name: string) =>
    Object.keys({ ...dependencies, ...devDependencies }).includes(name);
  const packageOf = (name: string) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
  const unnamed = all.flatMap(({ path, imports }) =>
    imports
      .filter(({ own, of, typeOnly }) => !own && !of.startsWith('node:') && !typeOnly)
      .filter(({ of }) => !named(packageOf(of)))
      .map(({ of }) => `${path}: ${of}`),
  );

  expect(unnamed).toEqual([]);
});

it('holds at its root what is agreed, and nothing else', () => {
  const FOLDERS = [
    '.ci',
    'bench',
    'bin',
    'docs',
    'examples',
    'infra',
    'lambdas',
    'statemachines',
    'test',
  ];
  const FILES = [
    ...['.gitignore', 'LICENSE', 'README.md', 'biome.json', 'cdk.json', 'package-lock.json'],
    ...['package.json', 'stryker.config.json', 'tsconfig.json', 'vitest.config.ts'],
  ];
  const MADE = ['.git', '.twin', 'cdk.out', 'coverage', 'dist', 'node_modules'];
  const there = readdirSync('.').filter((name) => !MADE.includes(name) && !name.endsWith('.tgz'));

  expect(there.filter((name) => ![...FOLDERS, ...FILES].includes(name))).toEqual([]);
});

const said = ({ path, lines }: Source) => `${path}: ${lines.length} lines`;
const code = (line: string) => (/^\s*(\*|\/\/|\/\*)/.test(line) ? '' : line);
