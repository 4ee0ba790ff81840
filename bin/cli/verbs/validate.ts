import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readConfig } from '../../../infra/config.ts';
import type { ConveyorConfig } from '../../../lambdas/domain/config.ts';
import { InvalidConfiguration, NotFound } from '../../../lambdas/domain/errors.ts';
import { countWords, listWords } from '../../../lambdas/view/words.ts';
import type { Context } from '../context.ts';
import { disagreements } from '../deployments/choose-deployment.ts';
import {
  type DeploymentFile,
  deploymentPaths,
  FOLDER,
  readOne,
  shownFrom,
  together,
} from '../deployments/read-deployments.ts';
import { foldersUp } from '../folders-up.ts';
import { done, type Outcome } from '../outcome.ts';

const CONFIG = 'conveyor.yaml';

type Checked =
  | { readonly kind: 'platform'; readonly file: string; readonly config: ConveyorConfig }
  | ({ readonly kind: 'deployment' } & DeploymentFile);

/** Checks every file that is meant, all of them, and tells everything that is wrong at once. */
export async function validate(
  { host }: Context,
  { paths }: { readonly paths: readonly string[] },
): Promise<Outcome> {
  const cwd = resolve(host.cwd);
  const files = paths.length === 0 ? nearest(cwd) : paths.flatMap((path) => named(cwd, path));
  const checked: Checked[] = [];
  const failures: InvalidConfiguration[] = [];
  for (const path of new Set(files))
    try {
      checked.push(read(path, cwd));
    } catch (error) {
      if (!(error instanceof InvalidConfiguration)) throw error;
      failures.push(error);
    }
  failures.push(...unequal(checked));
  if (failures.length > 0) throw together(failures);
  return told(checked);
}

function read(path: string, cwd: string): Checked {
  if (isDeployment(path)) return { kind: 'deployment', ...readOne(path, cwd) };
  const file = shownFrom(cwd, path);
  return { kind: 'platform', file, config: readConfig(file, path) };
}

/** Files of one repository that do not agree: one push could not go by them. */
function unequal(checked: readonly Checked[]): InvalidConfiguration[] {
  const deployments = checked.filter((one) => one.kind === 'deployment');
  const folders = new Set(deployments.map(({ file }) => dirname(file)));
  return [...folders].flatMap((folder) => {
    const files = deployments.filter(({ file }) => dirname(file) === folder);
    return disagreements(files).map(
      (message) =>
        new InvalidConfiguration(message, {
          fix: 'Make them agree: what is promoted is built once.',
          data: { files: files.map(({ file }) => file) },
        }),
    );
  });
}

function told(checked: readonly Checked[]): Outcome {
  const files = checked.map((one) =>
    one.kind === 'platform'
      ? {
          file: one.file,
          environments: Object.keys(one.config.environments),
          services: Object.keys(one.config.services),
        }
      : { file: one.file, environment: one.environment, service: one.says.service },
  );
  return done({ files }, checked.map(words).join('\n'));
}

function words(one: Checked): string {
  if (one.kind === 'deployment')
    return `${one.file} is valid: ${one.says.service} of ${one.says.platform.repository}.`;
  const { environments, services, people } = one.config;
  const counts = [
    countWords(Object.keys(environments).length, 'environment'),
    countWords(Object.keys(services).length, 'service'),
    countWords(Object.keys(people).length, 'person', 'people'),
  ];
  return `${one.file} is valid: ${listWords(counts)}.`;
}

/** A file is what it is; a folder is what it holds. @throws NotFound */
function named(cwd: string, typed: string): string[] {
  const path = resolve(cwd, typed);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const found = basename(path) === FOLDER ? deploymentPaths(dirname(path)) : held(path);
  if (found.length > 0) return found;
  throw new NotFound(`${typed} has no ${CONFIG} and no ${FOLDER}/ with files in it`, {
    fix: 'Name a file, or write one: conveyor init',
  });
}

/** Beside a `conveyor.yaml`, a folder of that name may be somebody else's: Kubernetes has deployments as well. */
function held(folder: string): string[] {
  const config = join(folder, CONFIG);
  const deployments = deploymentPaths(folder);
  if (!existsSync(config)) return deployments;
  return [
    config,
    ...deployments.filter((path) => readFileSync(path, 'utf8').includes('conveyor/v')),
  ];
}

function nearest(start: string): string[] {
  for (const folder of foldersUp(start)) {
    const found = held(folder);
    if (found.length > 0) return found;
  }
  throw new NotFound(`no ${CONFIG} and no ${FOLDER}/ is here or in a folder above`, {
    fix: 'Name the file: conveyor validate <file>. Or write one: conveyor init',
  });
}

const isDeployment = (path: string) => basename(dirname(path)) === FOLDER;
