import * as z from 'zod';
import { Deployment, RepositoryPath } from '../../../lambdas/domain/deployment-file.ts';
import { EnvironmentName, ServiceName } from '../../../lambdas/domain/names.ts';
import type { Context } from '../context.ts';
import { type DeploymentFile, FOLDER, readDeployments } from '../deployments/read-deployments.ts';
import type { Asking } from './ask-values.ts';
import { findBuildFolder, findServiceName } from './find-facts.ts';
import { serviceFile } from './service-file.ts';
import type { NewFile } from './write-files.ts';

export interface ServiceFlags {
  /** `true`: the name is to be found, or asked for. */
  readonly service: string | true;
  readonly platform?: string;
  readonly environment?: readonly string[];
  readonly path?: string;
  readonly tarball?: string;
}

const Environments = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .pipe(z.array(EnvironmentName).min(1, 'at least one environment is needed'));
const { path: InsidePath } = Deployment.shape.artifact.shape;

/** What a service's repository says of its deployments; goes on from what it says already. @throws InvalidInput */
export async function initService(
  { host: { cwd } }: Context,
  asking: Asking,
  flags: ServiceFlags,
): Promise<NewFile[]> {
  const there = readDeployments(cwd, cwd);
  const [first] = there;
  const platform = await asking.value({
    flag: '--platform',
    value: '<owner/name>',
    question: 'Which GitHub repository is the platform’s, that has conveyor.yaml',
    schema: RepositoryPath,
    given: flags.platform,
    found: () => first?.says.platform.repository,
  });
  const service = await asking.value({
    flag: '--service',
    value: '<name>',
    question: 'What is the service called in conveyor.yaml',
    schema: ServiceName,
    given: flags.service === true ? undefined : flags.service,
    found: () => first?.says.service ?? findServiceName(cwd),
  });
  const environments = await asking.value({
    flag: '--environment',
    value: '<name>',
    question: 'Which environments does it go to, like dev qa prod',
    schema: Environments,
    given: flags.environment?.join(' '),
    found: () => there.map(({ environment }) => environment).join(' ') || undefined,
  });
  const artifact = await whichArtifact(asking, flags, first, cwd);
  asking.requireAll();
  if (!platform || !service || !environments || !artifact) return [];
  return environments.map((environment) => {
    const file = `${FOLDER}/${environment}.yaml`;
    return { file, text: serviceFile({ platform, service, artifact }, file) };
  });
}

async function whichArtifact(
  asking: Asking,
  { path, tarball }: ServiceFlags,
  first: DeploymentFile | undefined,
  cwd: string,
) {
  const packed = tarball ?? (path === undefined ? first?.says.artifact.tarball : undefined);
  const wanted = { value: '<folder>', schema: InsidePath.unwrap() };
  if (packed !== undefined) {
    const file = await asking.value({
      ...wanted,
      flag: '--tarball',
      question: 'Which tarball does the build make',
      given: packed,
      found: () => undefined,
    });
    return file === undefined ? undefined : { tarball: file };
  }
  const folder = await asking.value({
    ...wanted,
    flag: '--path',
    question: 'Which folder does the build write to',
    given: path,
    found: () => first?.says.artifact.path ?? findBuildFolder(cwd),
  });
  return folder === undefined ? undefined : { path: folder };
}
