import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareEnvironment } from './child-environment.ts';
import { ROOT } from './layout.ts';
import { run } from './run.ts';

const STARTER = join(ROOT, 'examples/service-starter');
/** Nothing of this machine's own git set-up, and a name that is nobody's. */
const GIT_ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Dev',
  GIT_AUTHOR_EMAIL: 'dev@forge.example',
  GIT_COMMITTER_NAME: 'Dev',
  GIT_COMMITTER_EMAIL: 'dev@forge.example',
};

/** A service's own repository, which knows nothing of Conveyor but its `deployments/`. */
export interface ServiceRepository {
  readonly directory: string;
  /** Changes the code, commits, and builds as CI does; the commit's SHA. */
  commit(text: string): Promise<string>;
  /** Builds without a commit: other bytes under the same SHA. */
  build(text: string): Promise<void>;
  remove(): void;
}

/** What CI runs to make `dist`, and what of it the text changes. */
export type Build = (directory: string, text: string) => Promise<void>;

/**
 * `examples/service-starter`, as the repository of that service.
 * @param build another program than the starter's
 */
export async function makeServiceRepository(
  service: string,
  build: Build = buildStarter,
): Promise<ServiceRepository> {
  const directory = mkdtempSync(join(tmpdir(), `${service}-`));
  cpSync(STARTER, directory, { recursive: true });
  const deployments = join(directory, 'deployments');
  for (const file of readdirSync(deployments)) {
    const path = join(deployments, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/^service: .*$/m, `service: ${service}`));
  }
  writeFileSync(join(directory, '.gitignore'), 'dist/\n');
  const env = { ...bareEnvironment(), ...GIT_ENVIRONMENT };
  const git = (...args: string[]) => run('git', args, { env, cwd: directory });
  await git('init', '--quiet', '--initial-branch', 'main');
  return {
    directory,
    build: (text) => build(directory, text),
    commit: async (text) => {
      await build(directory, text);
      await git('add', '--all');
      await git('commit', '--quiet', '--message', text);
      return (await git('rev-parse', 'HEAD')).trim();
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function buildStarter(directory: string, text: string): Promise<void> {
  const source = join(directory, 'src/relay.mjs');
  const code = readFileSync(source, 'utf8').replace(/^\/\/ build: .*\n/, '');
  writeFileSync(source, `// build: ${text}\n${code}`);
  const env = { ...bareEnvironment(), ...GIT_ENVIRONMENT };
  await run('npm', ['run', '--silent', 'build'], { env, cwd: directory });
}
