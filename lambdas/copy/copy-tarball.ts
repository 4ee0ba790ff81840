import type { Digest } from '../domain/digest.ts';
import { ArtifactMissing, DigestConflict, DigestMismatch } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Objects, StoredObject } from '../ports/objects.ts';
import { OutOfTime, whileTimeLasts } from './out-of-time.ts';
import { readObject } from './read-object.ts';

export interface CopyTarball {
  readonly source: Objects;
  readonly destination: Objects;
  /** The same on both sides. */
  readonly key: string;
  readonly digest: Digest;
  readonly clock: Clock;
  /** The source's bucket, where the destination's server may fetch from it by itself. @default the bytes pass through here */
  readonly sourceBucket?: string;
  /** The source lets go of what nobody needs (`Objects.mark`), and is told first that this is needed. @default false */
  readonly sourceExpires?: boolean;
  /** How long the caller may still run. @default unlimited */
  readonly remainingMilliseconds?: () => number;
}

export interface CopiedTarball {
  /** `continue`: time ran out; call again, and what has been sent is not sent again. */
  readonly outcome: 'copied' | 'already-present' | 'continue';
  /** Of the tarball, told once it is there by this call. */
  readonly bytes: number;
}

/**
 * Copies a tarball from bucket to bucket, byte for byte: nothing is there under the key until all of it has arrived with the
 * digest that the release has. Running it again after any failure, or after `continue`, goes on with what was sent, and what
 * is there already is left alone.
 * @throws DigestConflict where other bytes are there under the key; DigestMismatch, ArtifactMissing, Unavailable,
 * StoreRefused
 */
export async function copyTarball(request: CopyTarball): Promise<CopiedTarball> {
  if (await isThere(request)) return { outcome: 'already-present', bytes: 0 };
  const object = await findSource(request);
  const { bytes } = object;
  if (request.sourceExpires === true) await request.source.mark(request.key, false);
  try {
    if (await move(request, object)) return { outcome: 'copied', bytes };
  } catch (error) {
    if (error instanceof OutOfTime) return { outcome: 'continue', bytes: 0 };
    throw error;
  }
  // Another try of this very copy was quicker, or somebody else put something there.
  await isThere(request);
  return { outcome: 'already-present', bytes: 0 };
}

/** False: there is something by now. */
async function move(request: CopyTarball, object: StoredObject): Promise<boolean> {
  const { source, destination, key, digest, clock, sourceBucket } = request;
  const { bytes, facts } = object;
  const wanted = { bytes, digest, facts };
  if (sourceBucket !== undefined) {
    const fetched = await destination.copyFrom({ ...object, bucket: sourceBucket }, key, wanted);
    if (fetched !== 'out-of-reach') return fetched === 'copied';
  }
  const content = readObject(source, object, clock);
  return destination.create(key, whileTimeLasts(content, request.remainingMilliseconds), wanted);
}

async function findSource({ source, key, digest }: CopyTarball): Promise<StoredObject> {
  const object = await source.head(key);
  if (object === undefined)
    throw new ArtifactMissing(`${key} is not in the release store`, {
      data: { key, digest },
      fix: 'Push it again: conveyor push.',
    });
  if (object.digest === undefined || object.digest === digest) return object;
  throw new DigestMismatch(`${key} in the release store is ${object.digest}, not ${digest}`, {
    data: { key, expected: digest, actual: object.digest },
    fix: 'Somebody wrote over a release. Build it anew under another SHA.',
  });
}

async function isThere({ destination, key, digest }: CopyTarball): Promise<boolean> {
  const there = await destination.head(key);
  if (there === undefined || there.digest === digest) return there !== undefined;
  throw new DigestConflict(
    `${key} is ${there.digest ?? 'of unknown content'} there, and ${digest} is to be copied`,
    {
      data: { key, existing: there.digest, wanted: digest },
      fix: 'Find out who wrote it. Conveyor never writes over a release.',
    },
  );
}
