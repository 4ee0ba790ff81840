import type { Job, Kind, Mapping, Step, System } from './pipelines.ts';
import { walk } from './walk.ts';

/** All the parameters there are. One more, and somebody has thought about it here. */
const PARAMETERS: Readonly<Record<Kind, readonly string[]>> = {
  image: ['language', 'context', 'dockerfile'],
  tarball: ['service', 'environment', 'sha', 'language', 'context', 'cliPackage', 'cliSha256'],
};

const LISTS: Readonly<Record<string, readonly string[]>> = {
  image: ['dotnet', 'go', 'node', 'python'],
  tarball: ['dotnet', 'go', 'node', 'none', 'python'],
};

/** A job or stage runs if what it needs succeeded; these may narrow that further. */
const CONDITIONS: readonly string[] = [
  "and(succeeded(), ne(variables['Build.Reason'], 'PullRequest'), eq(variables['Build.SourceBranch'], 'refs/heads/main'))",
  "github.ref == 'refs/heads/main' && github.event_name != 'pull_request'",
  "inputs.environment == 'dev' && inputs.sha == ''",
  [
    "!cancelled() && github.ref == 'refs/heads/main' && github.event_name != 'pull_request' &&",
    "(needs.push.result == 'success' || (needs.build.result == 'skipped' && needs.push.result == 'skipped'))",
  ].join(' '),
];

/** Keys that let a failure pass or a step be left out. */
const LENIENT = [
  'continueOnError',
  'continue-on-error',
  'enabled',
  'isSkippable',
  'retryCountOnTaskFailure',
];

/** What would be read, loaded or run before the first line of a script is. */
const EMPTIED = JSON.stringify({
  BASH_ENV: '',
  LD_AUDIT: '',
  LD_LIBRARY_PATH: '',
  LD_PRELOAD: '',
  NODE_OPTIONS: '',
});

const SCRIPTS = ['bash', 'run', 'inlineScript', 'script', 'pwsh', 'powershell'];

const last = ({ path }: { readonly path: readonly string[] }) => path.at(-1) ?? '';

export function judgeDocument(document: Mapping, kind: Kind): string[] {
  const found: string[] = [];
  for (const node of walk(document)) {
    const where = node.path.join('.');
    if (LENIENT.includes(last(node))) found.push(`${where}: lets a failure pass`);
    if (
      (last(node) === 'variables' && JSON.stringify(node.value) !== EMPTIED) ||
      (last(node) === 'env' && !node.path.includes('steps'))
    )
      found.push(`${where}: has variables of its own`);
    if (typeof node.value !== 'string') continue;
    const text = node.value.replaceAll(/\s+/g, ' ').trim();
    if (['condition', 'if'].includes(last(node)) && !CONDITIONS.includes(text))
      found.push(`${where}: runs on a condition of its own`);
    if (/\b(?:parameters|inputs)\./.test(text) && !mayReadParameters(node.path))
      found.push(`${where}: a parameter is read outside of env`);
    if (SCRIPTS.includes(last(node)) && text.includes('$' + '{{'))
      found.push(`${where}: has a template expression in its text`);
    if (/\bsecrets\./.test(text)) found.push(`${where}: reads a stored secret`);
    if (/(?:^|[:/@'"])latest\b/.test(text)) found.push(`${where}: speaks of latest`);
  }
  return [...found, ...judgeParameters(document, kind)];
}

/** Values of env are data to a script; a job's condition compares. Nowhere else is a parameter read. */
const mayReadParameters = (path: readonly string[]) =>
  path.at(-2) === 'env' || path.at(-1) === 'if' || path.at(-1)?.startsWith('$' + '{{ if ') === true;

const camel = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function judgeParameters(document: Mapping, kind: Kind): string[] {
  const call = (document.on as Mapping | undefined)?.workflow_call as Mapping | undefined;
  const inputs = Object.entries((call?.inputs ?? {}) as Record<string, Mapping>);
  const declared = (document.parameters ??
    inputs.map(([name, raw]) => ({ name, ...raw }))) as Mapping[];
  const found = declared.flatMap(({ name, type, values }) => {
    const known = PARAMETERS[kind].includes(camel(String(name)));
    const open = name === 'language' && values !== undefined && `${values}` !== `${LISTS[kind]}`;
    return [
      ...(known ? [] : [`the parameter ${name} is not one that may exist`]),
      ...(type === 'string' ? [] : [`the parameter ${name} is a ${type}`]),
      ...(open ? [`the parameter ${name} takes ${values}`] : []),
    ];
  });
  if (document.parameters !== undefined && declared.every(({ values }) => values === undefined))
    found.push('the parameter language has no list of values');
  if (call !== undefined && call.secrets !== undefined) found.push('takes secrets of its caller');
  return found;
}

const RESTRICTED = JSON.stringify({ commands: 'restricted', settableVariables: 'none' });

export function judgeJobs(jobs: readonly Job[], system: System): string[] {
  return jobs.flatMap((job) => [
    ...(system === 'azure' ? judgeVariables(job) : judgePermissions(job)),
    ...(runsApplication(job) && holdsCredentials(job, system)
      ? [`${job.id}: runs the application's code beside credentials`]
      : []),
    ...job.steps.flatMap((step) =>
      (system === 'azure' ? judgeAzure(step) : judgeGithub(step)).map(
        (breach) => `${step.name}: ${breach}`,
      ),
    ),
  ]);
}

const runsApplication = ({ steps }: Job) =>
  steps.some(({ script }) => script?.includes('npm ci') || script?.includes('docker buildx build'));

const holdsCredentials = ({ steps, raw }: Job, system: System) =>
  system === 'azure'
    ? steps.some(({ uses }) => uses !== undefined)
    : (raw.permissions as Mapping | undefined)?.['id-token'] !== undefined;

function judgeAzure({ raw, uses }: Step): string[] {
  const inputs = (raw.inputs ?? {}) as Mapping;
  return [
    ...(raw.bash !== undefined && JSON.stringify(raw.target) !== RESTRICTED
      ? ['may give commands to the agent']
      : []),
    ...(raw.checkout === 'self' && raw.persistCredentials !== false
      ? ['leaves credentials of git behind']
      : []),
    ...(uses !== undefined && uses !== 'AWSShellScript@1' ? [`uses the task ${uses}`] : []),
    ...(uses !== undefined && !/^conveyor-[a-z]+$/.test(String(inputs.awsCredentials))
      ? ['takes a connection that can be chosen']
      : []),
  ];
}

const judgeVariables = ({ id, raw }: Job) =>
  raw.variables === undefined ? [`${id}: takes what is loaded first from its pipeline`] : [];

const ALLOWED = ['contents:read', 'id-token:write'];

function judgePermissions({ id, raw }: Job): string[] {
  if (raw.permissions === undefined) return [`${id}: has the permissions of its caller`];
  return Object.entries(raw.permissions as Record<string, string>)
    .filter(([what, how]) => !ALLOWED.includes(`${what}:${how}`))
    .map(([what, how]) => `${id}: has ${what}: ${how}`);
}

function judgeGithub({ raw, uses }: Step): string[] {
  const given = (raw.with ?? {}) as Mapping;
  return [
    ...(uses !== undefined && !/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/.test(uses)
      ? [`uses ${uses}, which can change`]
      : []),
    ...(uses?.startsWith('actions/checkout@') && given['persist-credentials'] !== false
      ? ['leaves credentials of git behind']
      : []),
    ...(raw.run !== undefined && raw.shell !== 'bash' ? ['does not say its shell'] : []),
  ];
}
