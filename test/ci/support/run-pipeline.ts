import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  FILES,
  jobsOf,
  type Kind,
  load,
  type Mapping,
  type Step,
  type System,
} from './pipelines.ts';
import { type Call, callsIn, putStandIns } from './stand-ins.ts';

export interface Agent {
  /** The checkout. */
  readonly source: string;
  /** What the stand-ins answer, see there. */
  readonly state: string;
  readonly temp: string;
  readonly path: string;
}

export interface Ran {
  readonly step: string;
  readonly status: number;
  readonly output: string;
}

const TOOLS_OF_OTHERS = ['docker', 'aws', 'curl'];
const SCANNERS = ['trivy', 'crane', 'cosign'];

export const REVISION_DATE = '2026-03-01T12:00:00Z';

/** An agent, for as long as the test lasts, with a checkout of one commit, on which the tools of others are stand-ins; git, tar, jq and shell are real. */
export function newAgent(
  files: Readonly<Record<string, string>>,
  standIns: readonly string[] = [],
): Agent {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'conveyor-ci-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const source = join(root, 'source');
  const state = join(root, 'state');
  const temp = join(root, 'temp');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), text);
  }
  const git = (...args: string[]) =>
    run(
      'git',
      ['-C', source, '-c', 'user.name=ana', '-c', 'user.email=ana@forge.example', ...args],
      {
        GIT_AUTHOR_DATE: REVISION_DATE,
        GIT_COMMITTER_DATE: REVISION_DATE,
      },
    );
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'first');
  const bin = join(root, 'bin');
  putStandIns(bin, state, [...TOOLS_OF_OTHERS, ...standIns]);
  return { source, state, temp, path: `${bin}:${process.env.PATH}` };
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Where an artifact of Azure is put down again, on the next machine. */
const workspaceOf = ({ temp }: Agent) => join(temp, 'workspace');

export const headOf = ({ source }: Agent) =>
  run('git', ['-C', source, 'rev-parse', 'HEAD'], {}).trim();

export const calls = (agent: Agent): readonly Call[] => callsIn(agent.state);

export interface Run {
  readonly kind: Kind;
  readonly system: System;
  /** Parameters, by the names that Azure has for them. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Jobs in the order in which they run; all of them where nothing is said. */
  readonly jobs?: readonly string[];
  /** Steps that run; all of them where nothing is said. */
  readonly only?: readonly string[];
  /** Steps left out: those whose effect the test has brought about itself. */
  readonly without?: readonly string[];
  /** Variables of the pipeline, and with that of every step's environment. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly before?: (step: string) => void;
  /** Changes the environment of a step. */
  readonly change?: (env: Step['env']) => Step['env'];
}

export const INSTALLS = ['Install the scanner', 'Install the tools'];

/** Runs a template's own scripts, one after the other as the agent does: the first that fails is the last. */
export function runPipeline(agent: Agent, wanted: Run): readonly Ran[] {
  const document = load(FILES[wanted.kind][wanted.system]);
  const given = wanted.system === 'azure' ? wanted.parameters : {};
  const resolve = resolver(agent, wanted);
  const ran: Ran[] = [];
  putStandIns(join(agent.temp, 'conveyor', 'tools'), agent.state, SCANNERS);
  for (const { id, steps } of jobsOf(document, wanted.kind, given)) {
    if (wanted.jobs !== undefined && !wanted.jobs.includes(id)) continue;
    for (const step of steps) {
      if (wanted.only?.includes(step.name) === false) continue;
      if (typeof step.raw.publish === 'string')
        cpSync(resolve(step.raw.publish), join(workspaceOf(agent), String(step.raw.artifact)), {
          recursive: true,
        });
      if (step.script === undefined || wanted.without?.includes(step.name)) continue;
      wanted.before?.(step.name);
      ran.push(
        runStep(
          agent,
          { ...step, env: wanted.change?.(step.env) ?? step.env },
          resolve,
          wanted.variables ?? {},
        ),
      );
      if (ran.at(-1)?.status !== 0) return ran;
    }
  }
  return ran;
}

function runStep(
  agent: Agent,
  { name, script = '', env }: Step,
  resolve: (value: string) => string,
  variables: Readonly<Record<string, string>>,
): Ran {
  const file = join(agent.temp, 'step.sh');
  mkdirSync(agent.temp, { recursive: true });
  writeFileSync(file, script);
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', file], {
    cwd: agent.source,
    encoding: 'utf8',
    env: {
      PATH: agent.path,
      HOME: agent.temp,
      ...variables,
      ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, resolve(value)])),
    },
  });
  return { step: name, status: status ?? -1, output: stdout + stderr };
}

/** The values of env as the agent gives them: macros of Azure, expressions of GitHub. Unknown ones stop the test. */
function resolver(agent: Agent, { parameters, system }: Run): (value: string) => string {
  const sha = headOf(agent);
  const folders = { workspace: agent.source, temp: agent.temp };
  const macros: Readonly<Record<string, string>> = {
    'Agent.TempDirectory': folders.temp,
    'Build.BuildId': '4711',
    'Build.Repository.Name': 'Payments',
    'Build.Repository.Uri': 'https://forge@dev.azure.example/forge/_git/Payments',
    'Build.SourceVersion': sha,
    'Build.SourcesDirectory': folders.workspace,
    'Pipeline.Workspace': workspaceOf(agent),
  };
  const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const contexts = {
    inputs: {
      context: '.',
      dockerfile: 'Dockerfile',
      sha: '',
      ...Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [kebab(name), value]),
      ),
    },
    github: {
      run_id: '4711',
      sha,
      workspace: folders.workspace,
      server_url: 'https://github.example',
      repository: 'forge/Payments',
    },
    runner: { temp: folders.temp },
  };
  // As the agent does it: what is no variable stays as it is written.
  if (system === 'azure')
    return (value) => value.replace(/\$\(([\w.]+)\)/g, (macro, name) => macros[name] ?? macro);
  return (value) => value.replace(/\$\{\{ *(.*?) *\}\}/g, (_, name) => lookUp(name, contexts));
}

/** `a.b` or `a.b || c.d`. */
function lookUp(expression: string, contexts: Readonly<Record<string, Mapping>>): string {
  for (const one of expression.split(' || ')) {
    const [context = '', ...name] = one.split('.');
    const value = contexts[context]?.[name.join('.')];
    if (value === undefined) throw new Error(`${one} is not known here`);
    if (value !== '') return String(value);
  }
  return '';
}
