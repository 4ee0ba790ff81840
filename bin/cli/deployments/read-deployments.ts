import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { ConfigProblem } from '../../../infra/config-problems.ts';
import { readDeployment } from '../../../infra/deployment-file.ts';
import type { Deployment } from '../../../lambdas/domain/deployment-file.ts';
import { InvalidConfiguration } from '../../../lambdas/domain/errors.ts';
import { EnvironmentName } from '../../../lambdas/domain/names.ts';
import { foldersUp } from '../folders-up.ts';

/** The folder in a service's repository. */
export const FOLDER = 'deployments';
const ENDING = '.yaml';

/** One `deployments/<environment>.yaml`, read and checked. */
export interface DeploymentFile {
  readonly environment: EnvironmentName;
  /** As messages name it: from where the command runs. */
  readonly file: string;
  readonly says: Deployment;
}

/** The nearest folder, here or above within the same repository, that has a `deployments/` with files in it. */
export function findRepository(start: string): string | undefined {
  for (const folder of foldersUp(start)) {
    if (deploymentPaths(folder).length > 0) return folder;
    if (existsSync(join(folder, '.git'))) return undefined;
  }
  return undefined;
}

/**
 * Reads every file of a repository's `deployments/`, by environment.
 * @throws InvalidConfiguration with the problems of all files at once
 */
export function readDeployments(root: string, cwd: string): readonly DeploymentFile[] {
  const files: DeploymentFile[] = [];
  const failures: InvalidConfiguration[] = [];
  for (const path of deploymentPaths(root))
    try {
      files.push(readOne(path, cwd));
    } catch (error) {
      if (!(error instanceof InvalidConfiguration)) throw error;
      failures.push(error);
    }
  if (failures.length > 0) throw together(failures);
  return files;
}

/** @throws InvalidConfiguration, also where the file's own name is no environment's */
export function readOne(path: string, cwd: string): DeploymentFile {
  const file = shownFrom(cwd, path);
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');
  const environment = EnvironmentName.safeParse(name);
  if (!environment.success || !path.endsWith(ENDING))
    throw new InvalidConfiguration(
      `${file}: the file is named after its environment, like ${FOLDER}/dev.yaml`,
      {
        fix: 'Rename it as conveyor.yaml names the environment, or move it elsewhere.',
        data: { file },
      },
    );
  return { environment: environment.data, file, says: readDeployment(file, path) };
}

/** A path as a person in `cwd` would type it. */
export function shownFrom(cwd: string, path: string): string {
  const shown = relative(cwd, path);
  return shown === '' || isAbsolute(shown) || shown.startsWith('..') ? path : shown;
}

/** The files of a repository's `deployments/`, those included whose ending is not quite right. */
export function deploymentPaths(root: string): string[] {
  const folder = join(root, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}

/** Several files' failures as one, so that one run of CI tells them all. */
export function together(failures: readonly InvalidConfiguration[]): InvalidConfiguration {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  const problems = failures.flatMap(({ data }) => (data.problems ?? []) as ConfigProblem[]);
  return new InvalidConfiguration(failures.map(({ message }) => message).join('\n'), {
    data: { problems },
    fix: 'Correct these files and run: conveyor validate',
  });
}
