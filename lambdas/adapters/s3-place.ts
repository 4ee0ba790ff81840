import type { S3Client } from '@aws-sdk/client-s3';
import { explainS3 } from './s3-failure.ts';

/** A key in a bucket, and the client that reaches it. */
export interface S3Place {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
}

/** As S3's commands take it. */
export const named = ({ bucket, key }: S3Place) => ({ Bucket: bucket, Key: key });

/** What S3 answers; what goes wrong, in the port's terms. @throws what `explainS3` makes of it */
export async function answerOf<T>({ bucket, key }: Omit<S3Place, 'client'>, answer: Promise<T>) {
  try {
    return await answer;
  } catch (error) {
    throw explainS3(error, bucket, key);
  }
}

/** A command whose body's SHA-256 is known: signing it needs no second one (SigV4, "x-amz-content-sha256"). */
export function withKnownDigest<T extends { readonly middlewareStack: unknown }>(
  command: T,
  hex: string,
): T {
  const stack = command.middlewareStack as {
    add(
      middleware: (next: (args: never) => unknown) => (args: never) => unknown,
      options: { step: 'build'; name: string },
    ): void;
  };
  stack.add(
    (next) => (args) => {
      const { headers } = (args as { request: { headers: Record<string, string> } }).request;
      headers['x-amz-content-sha256'] = hex;
      return next(args);
    },
    { step: 'build', name: 'knownDigest' },
  );
  return command;
}
