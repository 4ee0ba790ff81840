import * as z from 'zod';
import { RepositoryName, ServiceName } from './names.ts';

/** A path from the repository's root to something in it; no link is followed here. */
const InsidePath = z
  .string()
  .min(1)
  .max(1_000)
  .regex(
    /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[ -[\]-~\u00a0-\uffff]+$/,
    'a path is relative to the repository and stays inside it',
  );

/** `owner/name` on GitHub. */
export const RepositoryPath = z
  .string()
  .regex(
    /^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/,
    'a repository is written owner/name, like forge/forge-platform',
  );

/**
 * `deployments/<environment>.yaml`: all that a service's repository says of where it goes. Accounts, hosts, folders and
 * units are the platform's, and are asked for when they are needed.
 */
export const Deployment = z.strictObject({
  apiVersion: z.literal('conveyor/v1'),
  platform: z.strictObject({
    /** The repository of `conveyor.yaml` and the Ledger. */
    repository: RepositoryPath,
  }),
  /** As `conveyor.yaml` names it. */
  service: ServiceName,
  artifact: z
    .strictObject({
      /** A folder, packed as it is. */
      path: InsidePath.optional(),
      /** A `.tar.gz` that the build has packed already. */
      tarball: InsidePath.optional(),
      /** A container image, which CI pushes to the registry of the first stage: the ECR repository's name. */
      image: RepositoryName.optional(),
    })
    .refine(
      (artifact) => Object.values(artifact).filter((one) => one !== undefined).length === 1,
      'an artifact is one of path, tarball, image',
    ),
});
export type Deployment = z.infer<typeof Deployment>;

/** The same repository: GitHub does not tell upper from lower case. */
export const isSameRepository = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
