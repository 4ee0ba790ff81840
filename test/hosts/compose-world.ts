import { once } from 'node:events';
import { createServer } from 'node:net';
import { startRegistry } from '../registry/start-registry.ts';
import { type ComposeDesk, guardRegistry, openComposeDesk } from './compose-desk.ts';
import { ComposeHost, composition, type Tools } from './compose-host.ts';
import { type Behaviour, ImageMaker } from './compose-images.ts';

export const REGION = 'eu-central-1';
const ACCOUNT = '111111111111';

/** A host, a registry that asks for ECR's tokens, and the AWS that gives them. */
export interface ComposeWorld {
  readonly desk: ComposeDesk;
  readonly host: ComposeHost;
  readonly images: ImageMaker;
  /** Repositories of which the registry cannot be reached any more. */
  readonly lost: Set<string>;
  /** `localhost:PORT`, the guarded registry. */
  readonly registry: string;
  newService(): ComposeService;
  close(): Promise<void>;
}

export async function openComposeWorld(tools: Tools = 'docker-compose'): Promise<ComposeWorld> {
  const desk = await openComposeDesk();
  const lost = new Set<string>();
  const real = await startRegistry();
  const guard = await guardRegistry(real.endpoint, desk.tokens, lost);
  const registry = `localhost:${guard.port}`;
  const images = await ImageMaker.at(real.endpoint);
  const settings = {
    AWS_ENDPOINT_URL: desk.endpoint,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: desk.endpoint,
  };
  const host = await ComposeHost.start(settings, tools);
  return {
    desk,
    lost,
    host,
    images,
    registry,
    newService: () => new ComposeService(host, images, registry),
    close: async () => {
      await host.close(registry);
      await guard.close();
      await real.stop();
      await desk.close();
    },
  };
}

export interface Release {
  readonly version: string;
  readonly digest: string;
}

/** One service on the host: its folder, its repository, its requests. */
export class ComposeService {
  readonly service: string;
  readonly folder: string;
  readonly image: string;

  constructor(
    private readonly host: ComposeHost,
    private readonly images: ImageMaker,
    private readonly registry: string,
  ) {
    ({ service: this.service, folder: this.folder } = host.newService());
    this.image = `${registry}/${this.service}`;
  }

  async push(version: string, behaviour: Behaviour = 'mute'): Promise<Release> {
    return { version, digest: await this.images.push(this.service, version, behaviour) };
  }

  request(
    action: 'deploy' | 'observe' | 'restore',
    release: Partial<Release>,
    changes: object = {},
  ) {
    return {
      schema: 1,
      kind: 'compose',
      action,
      service: this.service,
      environment: 'prod',
      region: REGION,
      promotion: 'p-1',
      health: { seconds: 20 },
      keep: 5,
      image: this.image,
      folder: this.folder,
      registry: { host: this.registry, region: REGION, account: ACCOUNT },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: compose replaces it
      composeFile: composition('${IMAGE}'),
      ...release,
      ...changes,
    };
  }

  async deploy(release: Partial<Release>, changes: object = {}, script?: string) {
    return this.host.run(this.request('deploy', release, changes), script);
  }

  async observe(release: Partial<Release> = {}) {
    return this.host.run(this.request('observe', release));
  }

  async restore(release: Partial<Release>, changes: object = {}) {
    return this.host.run(this.request('restore', release, changes));
  }

  /** What the daemon says of the service's containers, unasked by Conveyor. */
  async containers(project = this.service): Promise<readonly Container[]> {
    const told = await this.host.sh(
      `ids=$(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$1")
       [ -z "$ids" ] || docker inspect $ids`,
      project,
    );
    return told === '' ? [] : JSON.parse(told);
  }

  log(): Promise<string> {
    return this.host.log(this.service);
  }

  async file(name: string): Promise<string> {
    return this.host.sh(`cat "$1/$2"`, this.folder, name);
  }
}

export interface Container {
  readonly Id: string;
  readonly State: { readonly Running: boolean; readonly StartedAt: string };
  readonly Config: { readonly Env: readonly string[]; readonly Image: string };
}

/** What the image says of itself: which version really runs. */
export function buildsOf(containers: readonly Container[]): string[] {
  return containers.flatMap(({ Config, State }) =>
    State.Running
      ? Config.Env.filter((one) => one.startsWith('BUILD=')).map((one) => one.slice(6))
      : [],
  );
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
