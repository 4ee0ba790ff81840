import { beacon } from '../promote/shop.ts';
import type { Moment } from './acts.ts';
import type { FleetDraw, HostDraw } from './draw-fleets.ts';
import type { Random } from './random.ts';

/**
 * What is wrong with a host when it is provisioned. `lies`: its script ends well and has done nothing. `killed`: the script
 * dies, once; `dies`: its host goes down under it, once. `full`: there is no space. `bare`: a command is missing. `another
 * key`: it is rebuilt, once. `busy`: another run holds its lock, once. `silent`: it does nothing until the
 * agent ends it. The others are as for a deployment.
 */
export const SCAFFOLD_MISHAPS = [
  'lies',
  'killed',
  'dies',
  'full',
  'bare',
  'another key',
  'busy',
  'timed out',
  'silent',
  'slow',
  'twice',
] as const;
export type ScaffoldMishap = (typeof SCAFFOLD_MISHAPS)[number];

/** On the hosts of `beacon` as well, and nothing that is deployed. */
export const herald = 'herald';

type Told = 'once' | 'twice' | 'late' | 'never';

export type ProvisionAct =
  /** `cdk deploy` changes what hosts are to have. */
  | {
      readonly do: 'declare';
      readonly environment: string;
      readonly service: string;
      /** `gone`: declared no longer. */
      readonly provision: object | 'absent' | 'gone';
      readonly told: Told;
    }
  /** A person puts a credential there. */
  | {
      readonly do: 'credential';
      readonly environment: string;
      readonly service: string;
      readonly n: number;
      readonly told: Told;
    }
  /** The CLI, or the schedule. */
  | {
      readonly do: 'provision';
      readonly environment: string;
      readonly mode: 'apply' | 'plan';
      readonly service?: string;
      readonly times: number;
    }
  /** Somebody stops an execution. */
  | { readonly do: 'abandon'; readonly which: number };

const ENVIRONMENTS = ['dev', 'dev', 'qa', 'prod'] as const;
const MINUTE = 60_000;
/** Sealing costs time of the machine that plays this. */
const MOST_SEALED = 8;

/** What is declared of hosts while releases are deployed to them; nothing where none is provisioned. */
export function drawProvision(
  random: Random,
  fleets: readonly FleetDraw[],
  span: number,
): { readonly fleets: readonly FleetDraw[]; readonly moments: readonly Moment[] } {
  const isOne = fleets.some(({ service }) => service === beacon);
  if (!isOne || !random.chance(0.5)) return { fleets, moments: [] };
  const environment = random.of(ENVIRONMENTS);
  const trouble = random.of([0, 0.1, 0.3, 0.6]);
  // What SSM gave up is still to be done when the service is withdrawn.
  const meets = random.chance(0.15);
  const host = (draw: HostDraw): HostDraw => {
    if (meets) return { ...draw, scaffolding: ['timed out', 'slow'] };
    return random.chance(trouble) ? { ...draw, scaffolding: [random.of(SCAFFOLD_MISHAPS)] } : draw;
  };
  const ours = fleets.find((one) => one.service === beacon && one.environment === environment);
  const mayHaveOne = (ours?.hosts.length ?? 0) <= MOST_SEALED;
  const services = random.of([[beacon], [beacon, herald]]);
  const restarts = new Map(services.map((service) => [service, random.chance(0.5)]));
  const told = () => random.of(['once', 'once', 'twice', 'twice', 'late', 'never'] as const);
  let mark = 0;
  const declare = (service: string, how: 'other' | 'absent' | 'gone'): ProvisionAct => {
    mark += 1;
    const content = {
      restart: restarts.get(service),
      credential: mayHaveOne && random.chance(0.5),
      variables: { MARK: `mark-${random.chance(0.8) ? mark : 1}` },
      unit: { description: `as declared ${random.chance(0.5) ? mark : 1}` },
    };
    const provision = how === 'other' ? content : how;
    return { do: 'declare', environment, service, provision, told: told() };
  };
  const moments: Moment[] = [];
  // While hosts are told, as often as not.
  const add = (act: ProvisionAct, at = random.below(span)) => {
    const call = random.of([`scaffolds.${environment}.send`, `hosts.${environment}.send`]);
    const isThen = random.chance(0.4) && { on: { call, nth: random.below(6) } };
    moments.push({ at, act, ...isThen });
  };
  for (const service of services) {
    moments.push({ at: 0, act: declare(service, 'other') });
    if (random.chance(0.85))
      moments.push({ at: 1, act: { do: 'credential', environment, service, n: 0, told: told() } });
  }
  if (meets) moments.push({ at: 4 * MINUTE, act: declare(beacon, 'gone') });
  for (let left = random.below(4); left > 0; left--)
    add(declare(random.of(services), random.of(['other', 'other', 'absent', 'gone'] as const)));
  if (random.chance(0.4)) {
    const n = 1 + random.below(3);
    add({ do: 'credential', environment, service: random.of(services), n, told: told() });
  }
  const late = () => random.below(span + 20 * MINUTE);
  for (let left = random.below(3); left > 0; left--) {
    const service = random.chance(0.3) && { service: random.of(services) };
    const mode = random.of(['apply', 'apply', 'plan'] as const);
    add({ do: 'provision', environment, mode, ...service, times: random.of([1, 2]) }, late());
  }
  if (random.chance(0.3)) add({ do: 'abandon', which: random.below(10) }, late());
  return {
    fleets: fleets.map((fleet) =>
      fleet === ours ? { ...fleet, hosts: fleet.hosts.map(host) } : fleet,
    ),
    moments,
  };
}
