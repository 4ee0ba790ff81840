import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sampleImage } from '../../bin/twin/sample-image.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';

const IMAGE = sampleImage({ service: 'shop', version: '1.0.0' });

interface Config {
  readonly architecture: string;
  readonly rootfs: { readonly diff_ids: readonly string[] };
  readonly history: readonly unknown[];
}

function json<T>(bytes: Uint8Array): T {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
}

describe('the sample image', () => {
  it('is the same for the same input on every machine', () => {
    expect(sampleImage({ service: 'shop', version: '1.0.0' })).toEqual(IMAGE);
    expect(IMAGE.index.digest).toBe(
      'sha256:4eeaa92cdec465d1f6183c14972aa15201414dfecff5bd1202e4fb2e807e7cd9',
    );
  });

  it('is another for another version, on the same base layer', () => {
    const next = sampleImage({ service: 'shop', version: '1.0.1' });

    const before = new Set(IMAGE.blobs.map((blob) => blob.digest));
    expect(next.index.digest).not.toBe(IMAGE.index.digest);
    expect(next.blobs.filter((blob) => before.has(blob.digest))).toHaveLength(1);
  });

  it('says what it was built from', () => {
    const { annotations } = json<{ annotations: Record<string, string> }>(IMAGE.index.bytes);

    expect(annotations).toEqual({
      'org.opencontainers.image.created': '1970-01-01T00:00:00Z',
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
      'org.opencontainers.image.source': 'https://github.com/example/shop',
      'org.opencontainers.image.version': '1.0.0',
    });
  });

  it('has diff_ids that are its unpacked layers', () => {
    const blobs = new Map<string, Buffer>(IMAGE.blobs.map(({ digest, bytes }) => [digest, bytes]));
    const architectures = IMAGE.manifests.map(({ bytes }) => {
      const child = json<{ config: { digest: string }; layers: { digest: string }[] }>(bytes);
      const config = json<Config>(blobs.get(child.config.digest) ?? Buffer.from('{}'));
      const unpacked = child.layers.map(({ digest }) => {
        return digestOf(gunzipSync(blobs.get(digest) ?? Buffer.alloc(0)));
      });
      expect(config.rootfs.diff_ids).toEqual(unpacked);
      expect(config.history).toHaveLength(unpacked.length);
      return config.architecture;
    });

    expect(architectures).toEqual(['amd64', 'arm64']);
  });
});
