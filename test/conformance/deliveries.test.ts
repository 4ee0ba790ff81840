import { expect, it } from 'vitest';
import { StoreReply, TargetReply } from '../../lambdas/board/contract.ts';
import { checkReferences } from '../../lambdas/domain/config.ts';
import { Service } from '../../lambdas/domain/service-config.ts';
import { relay, repository, shop } from '../promote/shop.ts';
import { DELIVERIES } from './deliveries.ts';

const TARGETS: Readonly<Record<TargetReply['kind'], object>> = {
  argocd: { argocd: { path: 'envs/{environment}/{service}.yaml' } },
  store: { store: {} },
};

/** Whether a configuration may have a service whose artifact comes and lands so. */
function allowed(artifact: object, target: object): boolean {
  const service = Service.parse({ artifact, stages: ['dev', 'qa', 'prod'], target });
  return (
    checkReferences({ ...shop({}, [], {}, 'r2'), services: { [relay]: service } }).length === 0
  );
}

it('every pair of source and target that a configuration allows is held to the same suite, and no other', () => {
  const stores = StoreReply.options.map(({ shape }) => shape.kind.value);
  const sources: [string, object][] = [
    ['ecr', { image: repository('service') }],
    ...stores.map((store): [string, object] => [store, { tarball: store }]),
  ];
  const pairs = sources.flatMap(([source, artifact]) =>
    TargetReply.shape.kind.options
      .filter((target) => allowed(artifact, TARGETS[target]))
      .map((target) => `${source} to ${target}`),
  );

  expect(DELIVERIES.map(({ source, target }) => `${source} to ${target}`)).toEqual(pairs);
});
