import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

const run = promisify(execFile);

/** How an image's one program behaves. `mute` runs and answers nobody. */
export type Behaviour = 'serves' | 'dies' | 'mute' | 'healthy' | 'unhealthy';

const SERVE = `exec /bin/busybox httpd -f -p "127.0.0.1:\${PORT:-1}" -h /www`;
const SLEEP = 'exec /bin/busybox sleep 1000000';

const COMMANDS: Record<Behaviour, string> = {
  serves: SERVE,
  dies: '/bin/busybox sleep 1; exit 3',
  mute: SLEEP,
  healthy: SLEEP,
  unhealthy: SLEEP,
};

/** Pushes tiny images (a static busybox) to a registry, without a docker daemon: nothing is there before it was pulled. */
export class ImageMaker {
  private constructor(
    private readonly registry: URL,
    private readonly layer: Buffer,
  ) {}

  /** @throws Error that says how to install busybox, where it is not there */
  static async at(registry: URL): Promise<ImageMaker> {
    const folder = await mkdtemp(join(tmpdir(), 'conveyor-image-'));
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'www'));
    await copyFile('/bin/busybox', join(folder, 'bin/busybox')).catch(() => {
      throw new Error('There is no /bin/busybox: apt-get install busybox-static');
    });
    await writeFile(join(folder, 'www/index.html'), 'here\n');
    const { stdout } = await run('tar', ['-czf', '-', '-C', folder, 'bin', 'www'], {
      encoding: 'buffer',
      maxBuffer: 1e8,
    });
    await rm(folder, { recursive: true });
    return new ImageMaker(registry, stdout);
  }

  /** Pushes an image under a tag; another text makes other bytes. @returns the manifest's digest */
  async push(
    repository: string,
    tag: string,
    behaviour: Behaviour,
    text = tag,
    mark = '',
  ): Promise<string> {
    const config = Buffer.from(
      JSON.stringify(imageConfig(behaviour, repository, text, this.layer)),
    );
    for (const blob of [this.layer, config]) await this.blob(repository, blob);
    const type = 'application/vnd.oci.image.config.v1+json';
    const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
    return this.manifest(
      repository,
      `${tag}${mark}`,
      'application/vnd.oci.image.manifest.v1+json',
      {
        config: { mediaType: type, ...named(config) },
        layers: [{ mediaType: layerType, ...named(this.layer) }],
      },
    );
  }

  /** Pushes an index of one image, as builders for several platforms do. @returns the index's digest */
  async pushIndex(repository: string, tag: string, behaviour: Behaviour): Promise<string> {
    const digest = await this.push(repository, tag, behaviour, tag, '-amd64');
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const url = new URL(`/v2/${repository}/manifests/${digest}`, this.registry);
    const whole = await (await fetch(url, { headers: { accept: mediaType } })).text();
    return this.manifest(repository, tag, 'application/vnd.oci.image.index.v1+json', {
      manifests: [
        { mediaType, digest, size: whole.length, platform: { architecture: 'amd64', os: 'linux' } },
      ],
    });
  }

  private async manifest(
    repository: string,
    tag: string,
    mediaType: string,
    content: object,
  ): Promise<string> {
    const body = JSON.stringify({ schemaVersion: 2, mediaType, ...content });
    const url = new URL(`/v2/${repository}/manifests/${tag}`, this.registry);
    await sent(url, { method: 'PUT', body, headers: { 'content-type': mediaType } });
    return digestOf(Buffer.from(body));
  }

  private async blob(repository: string, blob: Buffer): Promise<void> {
    const begun = await sent(new URL(`/v2/${repository}/blobs/uploads/`, this.registry), {
      method: 'POST',
    });
    const url = new URL(begun.headers.get('location') ?? '', this.registry);
    url.searchParams.set('digest', digestOf(blob));
    const headers = { 'content-type': 'application/octet-stream' };
    await sent(url, { method: 'PUT', body: new Uint8Array(blob), headers });
  }
}

async function sent(url: URL, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init.method} ${url}: ${response.status}`);
  return response;
}

function imageConfig(
  behaviour: Behaviour,
  repository: string,
  text: string,
  layer: Buffer,
): object {
  const probe = behaviour === 'healthy' ? 'true' : 'false';
  const checked = behaviour === 'healthy' || behaviour === 'unhealthy';
  return {
    architecture: 'amd64',
    os: 'linux',
    config: {
      // The repository makes other bytes of the same version of another service.
      Env: ['PATH=/bin', `BUILD=${text}`, `REPOSITORY=${repository}`],
      Entrypoint: ['/bin/busybox', 'sh', '-c', COMMANDS[behaviour]],
      // As process 1 it would leave a SIGTERM alone, and docker wait ten seconds.
      StopSignal: 'SIGKILL',
      ...(checked && {
        Healthcheck: { Test: ['CMD', '/bin/busybox', probe], Interval: 1e9, Retries: 1 },
      }),
    },
    rootfs: { type: 'layers', diff_ids: [digestOf(gunzipSync(layer))] },
  };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function named(blob: Buffer): { readonly digest: string; readonly size: number } {
  return { digest: digestOf(blob), size: blob.length };
}
