import { ArtifactMissing, ConveyorError, StoreRefused, Unavailable } from '../domain/errors.ts';
import { asConveyorError } from './aws-failure.ts';

/** S3's own code for what went wrong ("Error responses", Amazon S3 API), by the error's name. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const { name, Code, $metadata } = error as {
    name?: string;
    Code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const byStatus: Readonly<Record<number, string>> = {
    404: 'NotFound',
    412: 'PreconditionFailed',
    416: 'InvalidRange',
  };
  const told = [name, Code, byStatus[$metadata?.httpStatusCode ?? 0]];
  return told.some((code) => code !== undefined && codes.includes(code));
}

/** What a call of the store threw, in the port's terms. */
export function explainS3(error: unknown, bucket: string, key: string): Error {
  if (error instanceof ConveyorError) return error;
  const data = { bucket, key, code: (error as Error).name };
  if (hasCode(error, 'NoSuchBucket'))
    return new StoreRefused(`There is no bucket ${bucket}`, {
      data,
      cause: error,
      fix: 'Run cdk deploy, or name the bucket that exists in conveyor.yaml.',
    });
  if (hasCode(error, 'NoSuchKey', 'NotFound', 'PreconditionFailed'))
    return new ArtifactMissing(`${key} is not in ${bucket} any more as it was`, {
      data,
      cause: error,
    });
  if (hasCode(error, 'RequestTimeTooSkewed'))
    return new StoreRefused(`${bucket} keeps another time than this machine`, {
      data,
      cause: error,
      fix: 'Set the clock: S3 takes no request that is fifteen minutes old or more, or to come.',
    });
  // A part was sent twice at once, by two tries of the same copy; or another conditional write of this key was under way:
  // "retry the upload" (Amazon S3, "Conditional writes"). The next try lists what is there.
  if (hasCode(error, 'InvalidPart', 'ConditionalRequestConflict'))
    return new Unavailable(`${key} in ${bucket} is being written by another`, {
      data,
      cause: error,
    });
  const known = asConveyorError(error);
  if (known instanceof ConveyorError) return known;
  return new StoreRefused(`The bucket ${bucket} refused: ${known.name}: ${known.message}`, {
    data,
    cause: error,
    fix: 'Compare the rights of Conveyor’s role with docs/reference/permissions.md.',
  });
}

/** The stream as it comes; where it breaks off, that is an error of the port's. @throws Unavailable */
export async function* whileReading(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  bucket: string,
  key: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw new Unavailable(`${bucket} cut the line while ${key} was read`, {
      data: { bucket, key },
      cause,
    });
  }
}
