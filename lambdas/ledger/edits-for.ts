import type { ConveyorConfig } from '../domain/config.ts';
import { NotFound } from '../domain/errors.ts';
import { fillNames } from '../domain/ledger-place.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { LedgerEdit } from './plan-edits.ts';

/** What a promotion changes in the Ledger. */
export function editsFor(
  config: ConveyorConfig,
  promotion: Pick<Promotion, 'service' | 'environment' | 'version' | 'digest'>,
): LedgerEdit[] {
  const target = targetOf(config, promotion);
  // A manifest of hosts is Conveyor's own, service by service; others are written by whoever deploys from them.
  const insert = target.hostsKey === undefined ? {} : { insert: true };
  const tag = { path: target.path, key: target.key, value: promotion.version, ...insert };
  return target.digestKey === undefined
    ? [tag]
    : [tag, { path: target.path, key: target.digestKey, value: promotion.digest }];
}

export interface Target {
  /** In the Ledger. */
  readonly path: string;
  readonly key: string;
  readonly digestKey?: string;
  /** Argo CD's, where it is what reconciles the Ledger. */
  readonly application?: string;
  /** Hosts are brought to it before the Ledger says so. */
  readonly onHosts: boolean;
  /** In the same file: what each of those hosts runs. */
  readonly hostsKey?: string;
}

/** How a service lands in an environment, with the names filled in. @throws NotFound */
export function targetOf(
  config: ConveyorConfig,
  { service, environment }: Pick<Promotion, 'service' | 'environment'>,
): Target {
  const { argocd, store, compose, systemd } = config.services[service]?.target ?? {};
  const target = argocd ?? store ?? compose ?? systemd;
  if (target === undefined)
    throw new NotFound(`There is no service ${service}`, { data: { service } });
  const fill = (text: string) => fillNames(text, { service, environment });
  return {
    path: fill(target.path),
    key: fill(target.key),
    ...('digestKey' in target &&
      target.digestKey !== undefined && { digestKey: fill(target.digestKey) }),
    ...(argocd && { application: fill(argocd.application) }),
    onHosts: compose !== undefined || systemd !== undefined,
    ...((compose ?? systemd) && { hostsKey: besides(fill(target.key)) }),
  };
}

/** `relay.version` → `relay.hosts`. */
function besides(key: string): string {
  return [...key.split(/(?<!\\)\./).slice(0, -1), 'hosts'].join('.');
}
