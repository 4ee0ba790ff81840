import type { IoHost } from '../io-host.ts';
import type { Prepared } from './prepare-tarball.ts';

/** S3 keeps 2 KB of metadata, names and values together ("Working with object metadata"); four facts are well below. */
const LONGEST = 256;

/**
 * What is kept beside the tarball: which commit it is of, what is in it, which build made it and for whom.
 * @param principal who pushes, as STS named them; told where CI names nobody
 */
export function releaseFacts(
  env: IoHost['env'],
  commit: string,
  { contentDigest }: Pick<Prepared, 'contentDigest'>,
  principal: string,
): Record<string, string> {
  const build = buildUrl(env);
  const builder = env.GITHUB_ACTOR || env.BUILD_REQUESTEDFOR || principal;
  return {
    commit,
    content: contentDigest,
    ...(build !== undefined && { build: headerText(build) }),
    builder: headerText(builder),
  };
}

/** The run's page, put together from what CI names: GitHub ("Default environment variables"), Azure ("Predefined variables"). */
function buildUrl(env: IoHost['env']): string | undefined {
  const { GITHUB_RUN_ID: run, GITHUB_REPOSITORY: repository, BUILD_BUILDID: build } = env;
  if (run && repository)
    return within(env.GITHUB_SERVER_URL, `${repository}/actions/runs/${run}`) ?? run;
  const project = env.SYSTEM_TEAMPROJECTID ?? env.SYSTEM_TEAMPROJECT;
  if (build && project)
    return (
      within(
        env.SYSTEM_COLLECTIONURI,
        `${encodeURIComponent(project)}/_build/results?buildId=${build}`,
      ) ?? build
    );
  return run || build;
}

/** Without what a proxy's or a token's URL may have before its @. */
function within(base: string | undefined, path: string): string | undefined {
  if (base === undefined || !URL.canParse(base)) return undefined;
  const url = new URL(path, base.endsWith('/') ? base : `${base}/`);
  url.username = '';
  url.password = '';
  return url.href;
}

/** A header carries printable ASCII: the rest is written as URLs write it. */
function headerText(text: string): string {
  const percent = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  const ascii = text
    .trim()
    .replace(/[^\x20-\x7e]+/g, (odd) => [...Buffer.from(odd)].map(percent).join(''));
  return ascii.slice(0, LONGEST);
}
