import type { ConveyorConfig } from '../domain/config.ts';
import { NotFound } from '../domain/errors.ts';
import type { Promotion } from '../domain/promotion.ts';
import type { LedgerEdit } from './plan-edits.ts';

/** What a promotion changes in the Ledger. */
export function editsFor(
  config: ConveyorConfig,
  promotion: Pick<Promotion, 'service' | 'environment' | 'version' | 'digest'>,
): LedgerEdit[] {
  const target = targetOf(config, promotion);
  const tag = { path: target.path, key: target.key, value: promotion.version };
  return target.digestKey === undefined
    ? [tag]
    : [tag, { path: target.path, key: target.digestKey, value: promotion.digest }];
}

/** The service's Argo CD target with the names filled in. */
export function targetOf(
  config: ConveyorConfig,
  { service, environment }: Pick<Promotion, 'service' | 'environment'>,
) {
  const target = config.services[service]?.target.argocd;
  if (target === undefined)
    throw new NotFound(`There is no service ${service}`, { data: { service } });
  const fill = (text: string) =>
    text.replaceAll('{environment}', environment).replaceAll('{service}', service);
  return { ...target, application: fill(target.application), path: fill(target.path) };
}
