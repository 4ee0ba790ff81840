import { resolve } from 'node:path';
import { isSameRepository } from '../../../lambdas/domain/deployment-file.ts';
import { InvalidConfiguration, InvalidInput, NotFound } from '../../../lambdas/domain/errors.ts';
import type { Context } from '../context.ts';
import {
  type DeploymentFile,
  FOLDER,
  findRepository,
  readDeployments,
} from './read-deployments.ts';

/** What a repository says of one release, or what was typed instead. */
export interface Chosen {
  /** The folder that holds `deployments/`; where the command runs, if there is none. */
  readonly root: string;
  /** Absent where there is no `deployments/`. */
  readonly file?: DeploymentFile;
}

/**
 * What `deployments/` say, of one environment or of all where these agree.
 * @throws InvalidConfiguration where a file is wrong; InvalidInput where they say different things
 */
export function chooseDeployment(
  { host }: Context,
  { service, environment }: { readonly service?: string; readonly environment?: string },
): Chosen {
  const start = resolve(host.cwd);
  const root = findRepository(start);
  if (root === undefined) return { root: start };
  const all = readDeployments(root, start);
  const meant = environment === undefined ? all : [fileOf(all, environment)];
  const [file] = meant;
  if (file === undefined) return { root };
  requireAgreement(meant);
  if (service !== undefined && service !== file.says.service)
    throw new InvalidInput(`${file.file} names the service ${file.says.service}, not ${service}`, {
      data: { file: file.file, service },
      fix: `Write ${file.says.service}, or correct the file.`,
    });
  return { root, file };
}

function fileOf(all: readonly DeploymentFile[], environment: string): DeploymentFile {
  const found = all.find((file) => file.environment === environment);
  if (found !== undefined) return found;
  throw new NotFound(`there is no ${FOLDER}/${environment}.yaml`, {
    data: { environment },
    fix: `Give one of: ${all.map((file) => file.environment).join(', ')}; or write it: conveyor init --service --environment ${environment}`,
  });
}

const SAID: readonly (readonly [string, (file: DeploymentFile) => string])[] = [
  ['platforms', ({ says }) => says.platform.repository.toLowerCase()],
  ['services', ({ says }) => says.service],
  [
    'artifacts',
    ({ says: { artifact } }) =>
      Object.entries(artifact)
        .map(([kind, what]) => `${kind} ${what}`)
        .join(),
  ],
];

/** One push is one artifact of one service. @throws InvalidInput that names the two files which differ, and how */
function requireAgreement(files: readonly DeploymentFile[]): void {
  for (const problem of disagreements(files))
    throw new InvalidInput(problem, {
      fix: 'Make them agree, or say which one is meant with --environment.',
    });
}

/** A sentence for each thing that files of one repository say differently. */
export function disagreements(files: readonly DeploymentFile[]): string[] {
  return SAID.flatMap(([what, of]) => {
    const [first, ...others] = files;
    const other = others.find((file) => first !== undefined && of(file) !== of(first));
    if (first === undefined || other === undefined) return [];
    return [
      `${first.file} and ${other.file} name different ${what}: ${of(first)} and ${of(other)}`,
    ];
  });
}

/** @throws InvalidConfiguration where this stack belongs to another platform than the file says */
export function requirePlatform(file: DeploymentFile, platform: string): void {
  const { repository } = file.says.platform;
  if (isSameRepository(repository, platform)) return;
  throw new InvalidConfiguration(
    `${file.file} names the platform ${repository}, and this Conveyor is of ${platform}`,
    {
      data: { file: file.file, expected: repository, actual: platform },
      fix: 'Use credentials (or --endpoint) of the platform that the file names, or correct the file.',
    },
  );
}
