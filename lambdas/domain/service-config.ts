import * as z from 'zod';
import { ComposeTarget, SystemdTarget } from './host-target.ts';
import { LedgerKey, LedgerPath } from './ledger-place.ts';
import { EnvironmentName, RepositoryName } from './names.ts';

/** RE2-like subset: anchored, no look-around, no back-references, so that no tag can make it slow. */
const TagPattern = z
  .string()
  .max(200)
  .refine(
    (p) => p.startsWith('^') && p.endsWith('$'),
    'a tag pattern starts with ^ and ends with $',
  )
  .refine(
    (p) => !/\(\?|\\[1-9]|[+*}]\)[+*{]/.test(p),
    'a tag pattern has no look-around, back-reference or nested repetition',
  )
  .refine((p) => isRegExp(p), 'a tag pattern is a regular expression');

function isRegExp(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Argo CD reconciles what the Ledger says. */
const ArgocdTarget = z.strictObject({
  /** Argo CD's application; `{environment}` and `{service}` are filled in. */
  application: z.string().min(1).max(200).default('{service}-{environment}'),
  /** The manifest in the Ledger. */
  path: LedgerPath,
  key: LedgerKey.default('image.tag'),
  /** A second key that takes the digest, in the same commit. */
  digestKey: LedgerKey.optional(),
});

/** The artifact is in the environment and the Ledger says which: whoever runs it pulls it from there. */
const StoreTarget = z.strictObject({
  path: LedgerPath.default('manifest.{environment}.yaml'),
  key: LedgerKey.default('{service}.version'),
  digestKey: LedgerKey.optional(),
});

export const Service = z.strictObject({
  artifact: z
    .strictObject({
      /** The repository's name, the same in every account. */
      image: RepositoryName.optional(),
      /** Which of the image's tags are releases: Build.BuildId by default. `latest` never is. */
      tags: TagPattern.default('^[0-9]+$'),
      /** `<service>/<SHA>.tar.gz`, and which release store CI pushes it to. */
      tarball: z.enum(['s3', 'r2']).optional(),
    })
    .refine(
      ({ image, tarball }) => (image === undefined) !== (tarball === undefined),
      'an artifact is one of image, tarball',
    ),
  stages: z.array(EnvironmentName).min(1),
  target: z
    .strictObject({
      argocd: ArgocdTarget.optional(),
      store: StoreTarget.optional(),
      compose: ComposeTarget.optional(),
      systemd: SystemdTarget.optional(),
    })
    .refine(
      (target) => Object.values(target).filter((one) => one !== undefined).length === 1,
      'a target is one of argocd, store, compose, systemd',
    ),
});
