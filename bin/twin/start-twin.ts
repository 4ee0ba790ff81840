import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Argocd, startArgocd } from './argocd/start-argocd.ts';
import { type Overrides, writeConfig } from './configure.ts';
import { deployAll, outputOf, type Step } from './deploy.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { requireFreePorts } from './free-ports.ts';
import { startGithub, type TwinGithub } from './github/start-github.tsx';
import { requireTwin } from './guard.ts';
import { whyNoHosts } from './hosts/docker.ts';
import { makeHostNetwork } from './hosts/host-network.ts';
import { type Hosts, startHosts } from './hosts/start-hosts.ts';
import { type Inbox, startInbox } from './inbox.tsx';
import { type Places, type Ports, placesOf, portsFrom } from './layout.ts';
import { ledgerSeed } from './ledger-seed.ts';
import { hirePeople } from './people.ts';
import { type R2, startR2 } from './r2/start-r2.ts';
import { type OnStored, startRegistryFronts } from './registry-front.ts';
import { putSecrets, SECRETS } from './secrets.ts';

export interface TwinOptions {
  /** Which of the twins below `.twin`. */
  readonly name: string;
  readonly basePort: number;
  /** Start from nothing. */
  readonly fresh?: boolean;
  readonly overrides?: Overrides;
  readonly step: Step;
  readonly say: (text: string) => void;
  readonly onStored?: OnStored;
}

export interface Twin {
  readonly endpoint: URL;
  readonly ports: Ports;
  readonly places: Places;
  readonly github: TwinGithub;
  readonly argocd: Argocd;
  readonly inbox: Inbox;
  readonly r2: R2;
  /** Absent where this machine cannot have them; why was said. */
  readonly hosts?: Hosts;
  readonly deployment: 'deployed' | 'unchanged';
  /** Deploys again with another configuration. */
  reconfigure(overrides: Overrides): Promise<void>;
  stop(): Promise<void>;
}

/** Everything of Conveyor on this machine: emulator, git host, Argo CD, inbox, registries, and the deployed app. */
export async function startTwin(options: TwinOptions): Promise<Twin> {
  const { step, say } = options;
  const ports = portsFrom(options.basePort);
  const places = placesOf(options.name);
  if (options.fresh === true) rmSync(places.root, { recursive: true, force: true });
  mkdirSync(places.root, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  const started = <T extends { close(): Promise<void> }>(server: T): T => {
    stops.push(() => server.close());
    return server;
  };
  try {
    await requireFreePorts(ports);
    const noHosts = await whyNoHosts();
    if (noHosts !== undefined) say(`  --  without hosts: ${noHosts}`);
    const network =
      noHosts === undefined
        ? await step('a network for hosts', () => makeHostNetwork(options.name, ports))
        : undefined;
    if (network !== undefined) stops.push(() => network.remove());
    const inbox = started(await startInbox(ports.inbox));
    const emulator: Emulator = await step('emulator', () =>
      startEmulator(places, ports, say, network?.environment),
    );
    stops.push(() => emulator.stop());
    await requireTwin(emulator.endpoint);
    const github = started(
      await startGithub({
        directory: places.ledger,
        port: ports.github,
        tokens: [SECRETS.github],
        owner: 'forge',
        repository: 'forge-platform',
        seed: ledgerSeed(),
      }),
    );
    const argocd = started(
      await startArgocd({
        port: ports.argocd,
        token: SECRETS.argocd,
        repositoryDirectory: github.gitDirectory,
        branch: 'main',
        applications: applications(),
      }),
    );
    started(await startRegistryFronts(emulator.endpoint, ports, options.onStored ?? (() => {})));
    const r2 = started(await startR2(emulator.endpoint, places, ports));
    await step('people and secrets', () =>
      Promise.all([
        hirePeople(emulator.endpoint),
        putSecrets(emulator.endpoint, secrets(inbox, r2)),
      ]),
    );
    writeConfig(places, ports, options.overrides);
    const deployment = await deployAll(emulator.endpoint, places, step);
    r2.tell(outputOf(places, 'IngressUrl'));
    const hosts = network && started(await startHosts(emulator.endpoint, ports, network));
    const reconfigure = async (overrides: Overrides) => {
      writeConfig(places, ports, overrides);
      await deployAll(emulator.endpoint, places, step);
    };
    return {
      endpoint: emulator.endpoint,
      ports,
      places,
      github,
      argocd,
      inbox,
      r2,
      ...(hosts && { hosts }),
      deployment,
      reconfigure,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function secrets(inbox: Inbox, { credentials, webhookSecret }: R2): Record<string, string> {
  return {
    '/conveyor/github/token': SECRETS.github,
    '/conveyor/argocd/token': SECRETS.argocd,
    '/conveyor/slack/webhook': `${inbox.url}/slack/twin`,
    '/conveyor/r2/access-key-id': credentials.accessKeyId,
    '/conveyor/r2/secret-access-key': credentials.secretAccessKey,
    '/conveyor/r2/webhook': webhookSecret,
  };
}

function applications() {
  return [...ledgerSeed().keys()].flatMap((path) => {
    const [, environment, service] = /^envs\/([^/]+)\/([^/]+)\.yaml$/.exec(path) ?? [];
    if (environment === undefined || service === undefined) return [];
    const sync = environment.startsWith('prod') ? ('manual' as const) : ('auto' as const);
    return [{ name: `${service}-${environment}`, path, sync }];
  });
}

/** Switches that the emulator's patches re-read at every call (`emulator/patches/{ecr,faults}.py`). */
export interface Control {
  readonly dropEcrTags?: readonly string[];
  readonly killAfterWrite?: readonly {
    readonly id: string;
    readonly function: string;
    readonly contains: string;
  }[];
}

export function setControl(places: Places, control: Control): void {
  writeFileSync(places.control, JSON.stringify(control));
}
