import { createReadStream } from 'node:fs';
import { readObject } from '../../../lambdas/copy/read-object.ts';
import type { Digest } from '../../../lambdas/domain/digest.ts';
import { DigestConflict, Unavailable } from '../../../lambdas/domain/errors.ts';
import { retry } from '../../../lambdas/domain/retry.ts';
import { inspectTarball } from '../../../lambdas/intake/inspect-tarball.ts';
import { InvalidArtifact } from '../../../lambdas/intake/invalid-artifact.ts';
import type { Objects, StoredObject } from '../../../lambdas/ports/objects.ts';
import type { Context } from '../context.ts';
import type { Prepared } from './prepare-tarball.ts';
import { withProgress } from './transfer-progress.ts';

/** What of a large one got through counts for the next try (`Objects.create`). */
const TRIES = 3;
/** Fewer, larger reads than a stream's own 64 kB. */
const READ_BYTES = 1024 ** 2;

export interface Uploaded {
  /** `same-content`: the same tree is there, packed by another zlib, so that the bytes differ. */
  readonly outcome: 'pushed' | 'already-there' | 'same-content';
  /** Of what is in the store: what will be promoted. */
  readonly digest: Digest;
}

/**
 * Puts a release into its store, once: what is there under this key stays.
 * @throws DigestConflict where other bytes are there; Unavailable, StoreRefused; DigestMismatch where the file changes
 */
export async function uploadRelease(
  context: Pick<Context, 'clock' | 'reporter' | 'host'>,
  store: Objects,
  key: string,
  tarball: Prepared,
  facts: Readonly<Record<string, string>>,
): Promise<Uploaded> {
  const there = await store.head(key);
  if (there !== undefined) return compare(context, store, there, tarball);

  const { digest, bytes, file } = tarball;
  const created = await retry(context.clock, TRIES, () =>
    store.create(
      key,
      withProgress(context, createReadStream(file, { highWaterMark: READ_BYTES }), bytes),
      {
        bytes,
        digest,
        facts,
      },
    ),
  );
  if (created) return { outcome: 'pushed', digest };
  const theirs = await store.head(key);
  if (theirs !== undefined) return compare(context, store, theirs, tarball);
  throw new Unavailable(`${key} was there, and is not any more`, { data: { key } });
}

async function compare(
  context: Pick<Context, 'clock'>,
  store: Objects,
  there: StoredObject,
  ours: Prepared,
): Promise<Uploaded> {
  if (there.digest === ours.digest) return { outcome: 'already-there', digest: ours.digest };
  const isUntold = there.digest === undefined;
  const found =
    isUntold || there.facts.content === ours.contentDigest
      ? await look(context, store, there)
      : undefined;
  if (found?.digest === ours.digest) return { outcome: 'already-there', digest: ours.digest };
  // What the object says of itself would be anybody's word: its bytes were read.
  if (found?.contentDigest === ours.contentDigest)
    return { outcome: 'same-content', digest: found.digest };
  const theirs = found?.digest ?? there.digest ?? 'something else';
  throw new DigestConflict(
    `${there.key} is ${theirs} (${there.bytes} bytes) in the store, and not ${ours.digest} (${ours.bytes} bytes)`,
    {
      data: { key: there.key, stored: theirs, ours: ours.digest },
      fix: 'A commit is pushed once. Make the build reproducible and push a new commit; what is there stays.',
    },
  );
}

/** What is in the store, by its bytes; undefined where they are no tarball. */
async function look(
  { clock }: Pick<Context, 'clock'>,
  store: Objects,
  there: StoredObject,
): Promise<Pick<Prepared, 'digest' | 'contentDigest'> | undefined> {
  try {
    return await inspectTarball(readObject(store, there, clock));
  } catch (error) {
    if (error instanceof InvalidArtifact) return undefined;
    throw error;
  }
}
