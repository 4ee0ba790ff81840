import { InvalidInput } from '../../../lambdas/domain/errors.ts';
import { Version } from '../../../lambdas/domain/names.ts';
import type { IoHost } from '../io-host.ts';
import { parseArgument } from '../parse-argument.ts';
import type { DeploymentFile } from './read-deployments.ts';
import { releaseSha } from './release-sha.ts';

/** What CI calls its run, and our templates an image: Azure Pipelines ("Predefined variables"), GitHub Actions ("Default environment variables"). */
const BUILDS = ['BUILD_BUILDID', 'GITHUB_RUN_ID'] as const;

/**
 * Which release is meant: of an image the tag, of a tarball the commit; as told, else as CI says, else what is checked out.
 * @throws InvalidInput where nobody says, or it cannot be one
 */
export async function deployedVersion(
  host: IoHost,
  { sha, version }: { readonly sha?: string; readonly version?: string },
  file: DeploymentFile | undefined,
): Promise<Version> {
  if (version !== undefined) return parseArgument(Version, version, '--version');
  if (sha !== undefined || file?.says.artifact.image === undefined)
    return (await releaseSha(host, sha)).sha;
  for (const name of BUILDS) {
    const told = host.env[name];
    if (told !== undefined && told !== '') return parseArgument(Version, told, name);
  }
  throw new InvalidInput(`which build of ${file.says.artifact.image} is meant cannot be told`, {
    data: { file: file.file },
    fix: 'Give its tag: --version <build>',
  });
}
