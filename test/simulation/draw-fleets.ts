import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import type { ServiceName } from '../../lambdas/domain/names.ts';
import { beacon, type Changes, dagster } from '../promote/shop.ts';
import type { ScaffoldMishap } from './draw-provision.ts';
import type { Random } from './random.ts';

/**
 * What is wrong with a host. `lies`: its script ends well and has done nothing. `dies`: it goes down under the script, once.
 * `unhealthy`: no new release is well there. `timed out`: SSM gives up a command that it does. `silent`: it takes a command
 * and is at it for longer than anybody waits. `slow`: once, for ten minutes. `twice`: a command is delivered twice, once.
 */
export const MISHAPS = [
  'lies',
  'dies',
  'unhealthy',
  'timed out',
  'silent',
  'slow',
  'twice',
] as const;
export type Mishap = (typeof MISHAPS)[number];

export interface HostDraw {
  readonly zone: string;
  readonly isOn: boolean;
  /** Which older release it runs, if any. */
  readonly before?: 'a' | 'b' | 'c';
  readonly mishaps: readonly Mishap[];
  /** What goes wrong when it is provisioned. @default nothing */
  readonly scaffolding?: readonly ScaffoldMishap[];
}

export interface FleetDraw {
  readonly service: string;
  readonly environment: string;
  readonly hosts: readonly HostDraw[];
}

/** What happens to a host; which one, of all of them, counted round. */
export interface HostAct {
  readonly do: 'host';
  readonly environment: string;
  readonly which: number;
  /** `sicken`: no new release is well there from then on. `relapse`: and it runs what it ran at first. */
  readonly what: 'off' | 'reboot' | 'replace' | 'sicken' | 'relapse';
  /** Until it is back. */
  readonly minutes: number;
}

/** Nothing answers on a port from so many milliseconds after on, for so many minutes. */
export interface CutAct {
  readonly do: 'cut';
  readonly port: string;
  readonly after: number;
  readonly minutes: number;
}

/** Which services of a scenario run on hosts, in the place of those that were drawn; most have none. */
export function drawServices(random: Random): readonly string[] | undefined {
  if (!random.chance(0.18)) return undefined;
  return random.of([[beacon], [dagster], ['payments', beacon], [dagster, beacon]]);
}

const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'] as const;

export function drawFleets(random: Random, services: readonly string[]): FleetDraw[] {
  const trouble = random.of([0, 0.05, 0.2, 0.5]);
  return services.filter(isOnHosts).flatMap((service) =>
    ['dev', 'qa', 'prod'].map((environment) => {
      const size = random.chance(0.1) ? 40 : random.of([1, 2, 3, 3, 5, 5, 8, 12]);
      const host = (): HostDraw => {
        const before = random.of(['a', 'a', 'b', 'c', 'nothing'] as const);
        return {
          zone: random.of(ZONES),
          isOn: !random.chance(trouble / 2),
          ...(before !== 'nothing' && { before }),
          mishaps: random.chance(trouble) ? [random.of(MISHAPS)] : [],
        };
      };
      return { service, environment, hosts: Array.from({ length: size }, host) };
    }),
  );
}

export const isOnHosts = (service: string) => service === beacon || service === dagster;

/** How each service that runs on hosts is rolled out, as `shop` takes it. */
export function drawRollouts(random: Random, services: readonly string[]): Changes {
  const rollout = () => ({
    canary: random.of([0, 1, 1, 2]),
    atOnce: random.of([1, 5, '25%', '50%', '100%']),
    maxErrors: random.of([0, 0, 1, 3]),
    perZone: random.chance(0.2),
    minimum: random.of([1, 1, 1, 2]),
    within: random.of(['2m', '15m']),
    onFailure: random.of(['stop', 'continue', 'rollback', 'rollback']),
    catchUp: random.of(['bring', 'bring', 'bring', 'report']),
    ...(random.chance(0.15) && { pause: random.of(['30s', '10m']) }),
  });
  return Object.fromEntries(
    services.filter(isOnHosts).map((service) => [service, { rollout: rollout() }]),
  );
}

/** As `conveyor.yaml` has it; undefined for what is on no hosts. */
export function rolloutPolicyOf({ services }: ConveyorConfig, service: string) {
  const { systemd, compose } = services[service as ServiceName]?.target ?? {};
  return (systemd ?? compose)?.rollout;
}

export function drawHostAct(random: Random): HostAct {
  return {
    do: 'host',
    environment: random.of(['dev', 'dev', 'qa', 'prod']),
    which: random.below(100),
    what: random.of(['off', 'reboot', 'replace', 'sicken']),
    minutes: random.of([1, 5, 30, 200]),
  };
}
