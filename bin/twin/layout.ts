import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The emulated accounts, as `examples/forge/conveyor.yaml` names them. */
export const ACCOUNTS = {
  tools: '111111111111',
  dev: '222222222222',
  qa: '333333333333',
  'prod-wealth': '444444444444',
} as const;
export type AccountName = keyof typeof ACCOUNTS;
export const REGION = 'us-east-1';

export interface Ports {
  readonly emulator: number;
  readonly github: number;
  readonly argocd: number;
  readonly inbox: number;
  readonly r2: number;
  /** Behind `r2`. */
  readonly r2Store: number;
  /** Where hosts reach AWS, on the address that they know this machine by. */
  readonly hostFront: number;
  /** One registry front an account: `docker push 127.0.0.1:<port>/forge/payments:1042`. */
  readonly registries: Readonly<Record<AccountName, number>>;
}

/** Fixed, as the deployed URLs contain them; moved together by another base. */
export function portsFrom(base: number): Ports {
  return {
    emulator: base,
    github: base + 1,
    argocd: base + 2,
    inbox: base + 3,
    r2: base + 5,
    r2Store: base + 6,
    hostFront: base + 7,
    registries: { tools: base + 434, dev: base + 435, qa: base + 436, 'prod-wealth': base + 437 },
  };
}

export const DEFAULT_BASE_PORT = 4566;

/** Everything the twin writes, below the repository's git-ignored `.twin`. */
export interface Places {
  readonly root: string;
  readonly python: string;
  readonly state: string;
  readonly objects: string;
  readonly assembly: string;
  readonly config: string;
  readonly control: string;
  readonly ledger: string;
  readonly r2: string;
  readonly r2Log: string;
  /** What the stacks tell (CloudFormation outputs). */
  readonly outputs: string;
  readonly emulatorLog: string;
  readonly deployed: string;
}

export function placesOf(name: string): Places {
  const root = join(ROOT, '.twin', name);
  return {
    root,
    python: join(ROOT, '.twin', 'python'),
    state: join(root, 'state'),
    objects: join(root, 'objects'),
    assembly: join(root, 'cdk.out'),
    config: join(root, 'conveyor.yaml'),
    control: join(root, 'control.json'),
    ledger: join(root, 'ledger.git'),
    r2: join(root, 'r2'),
    r2Log: join(root, 'r2.log'),
    outputs: join(root, 'outputs.json'),
    emulatorLog: join(root, 'emulator.log'),
    deployed: join(root, 'deployed'),
  };
}
