import { type CopyResult, copyImage } from '../../lambdas/copy/copy-image.ts';
import { type VerifiedImage, verifyImage } from '../../lambdas/copy/verify-image.ts';
import type { Digest } from '../../lambdas/domain/digest.ts';
import { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import type { Registry } from '../../lambdas/ports/registry.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryRegistry } from '../fakes/memory-registry.ts';

export const FROM = RepositoryName.parse('dev/shop');
export const TO = RepositoryName.parse('prod/shop');
export const V1 = Version.parse('1.0.0');

export interface CopyOptions {
  /** Registries to speak to instead, e.g. ones that lie. */
  readonly from?: Registry;
  readonly to?: Registry;
  readonly remainingMilliseconds?: () => number;
}

export interface TwoRegistries {
  readonly source: MemoryRegistry;
  readonly destination: MemoryRegistry;
  copy(digest: Digest, options?: CopyOptions): Promise<CopyResult>;
  verify(digest: Digest): Promise<VerifiedImage>;
}

/** Two fresh registries with one empty repository each, `FROM` and `TO`. */
export function twoRegistries(): TwoRegistries {
  const source = new MemoryRegistry();
  source.createRepository(FROM);
  const destination = new MemoryRegistry();
  destination.createRepository(TO);
  return {
    source,
    destination,
    copy: async (digest, { from = source, to = destination, ...rest } = {}) =>
      await copyImage({
        source: { registry: from, repository: FROM },
        destination: { registry: to, repository: TO, tag: V1 },
        digest,
        clock: new FixedClock(),
        ...rest,
      }),
    verify: async (digest) =>
      await verifyImage({ registry: destination, repository: TO, tag: V1, digest }),
  };
}

/** What was asked to be stored, in order. */
export function writes(registry: MemoryRegistry): string[] {
  return registry.calls
    .filter(({ method }) => method === 'push' || method === 'put')
    .map(({ method, reference }) => `${method} ${reference}`);
}
