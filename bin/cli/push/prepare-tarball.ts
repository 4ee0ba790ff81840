import { createReadStream, createWriteStream, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../../lambdas/domain/digest.ts';
import { InvalidInput, NotFound } from '../../../lambdas/domain/errors.ts';
import { inspectTarball } from '../../../lambdas/intake/inspect-tarball.ts';
import { packTree } from './pack-tree.ts';

/** What to push: a folder that is packed here, or a tarball that the build has made. */
export type Artifact = { readonly path: string } | { readonly tarball: string };

/** A `.tar.gz` on this machine, looked through as intake will look through it. */
export interface Prepared {
  readonly file: string;
  readonly digest: Digest;
  /** Of the tar stream inside; the same whatever compressed it. */
  readonly contentDigest: Digest;
  readonly bytes: number;
  readonly entries: number;
}

/**
 * Packs into `scratch`, or looks through what is there. Nothing is sent.
 * @param root the repository's; a folder that is the repository itself is packed without its `.git`
 * @throws CannotPack, InvalidArtifact, NotFound; AbortError where `signal` aborts
 */
export async function prepareTarball(
  artifact: Artifact,
  root: string,
  scratch: string,
  signal: AbortSignal,
): Promise<Prepared> {
  if ('tarball' in artifact) {
    const file = artifact.tarball;
    if (!statSync(file, { throwIfNoEntry: false })?.isFile())
      throw new NotFound(`there is no tarball ${file}`, { fix: 'Let the build make it first.' });
    const { digest, contentDigest, bytes, entries } = await inspectTarball(
      createReadStream(file, { signal }),
    );
    return { file, digest, contentDigest, bytes, entries };
  }
  const file = join(scratch, 'release.tar.gz');
  const isRepository = resolve(artifact.path) === resolve(root);
  const packed = packTree(artifact.path, isRepository ? { ignore: (path) => path === '.git' } : {});
  await pipeline(packed.body, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
  const { digest, contentDigest, bytes, entries } = packed.summary();
  return { file, digest, contentDigest, bytes, entries };
}

/**
 * What the repository itself names, which must be in it also where links are followed.
 * @throws InvalidInput, NotFound
 */
export function artifactInside(
  root: string,
  { path, tarball }: { readonly path?: string | undefined; readonly tarball?: string | undefined },
): Artifact {
  const named = path ?? tarball ?? '.';
  const at = resolve(root, named);
  if (statSync(at, { throwIfNoEntry: false }) === undefined)
    throw new NotFound(`there is no ${named} in ${root}`, {
      data: { path: named },
      fix: 'Build before you push, or correct artifact: in deployments/.',
    });
  const beyond = relative(realpathSync(root), realpathSync(at));
  if (beyond === '..' || beyond.startsWith('../') || isAbsolute(beyond))
    throw new InvalidInput(`${named} leads out of the repository`, {
      data: { path: named },
      fix: 'Name what is in it; a link to the outside is not followed.',
    });
  return path === undefined ? { tarball: at } : { path: at };
}
