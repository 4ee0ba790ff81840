import type { ConveyorConfig, ServiceConfig } from './config.ts';
import { desiredState, LARGEST_STATE } from './desired-state.ts';
import { digestOf } from './digest.ts';
import type { ServiceName } from './names.ts';

/** As long as any other. */
const SOME_BOOTSTRAP = digestOf('');

/** What is wrong with a service's provisioning, that its own schema cannot tell: a sentence each. Pure. */
export function provisionProblems(
  config: ConveyorConfig,
  name: string,
  { target, stages }: ServiceConfig,
): { path: (string | number)[]; message: string }[] {
  const { systemd } = target;
  if (systemd?.provision === undefined) return [];
  const path = ['services', name, 'target', 'systemd'];
  const byHand = (['folder', 'unit'] as const)
    .filter((key) => systemd[key] !== undefined)
    .map((key) => ({
      path: [...path, key],
      message: `provisioning names the ${key} itself; leave it out here`,
    }));
  const bytes = Math.max(
    0,
    ...stages.map((stage) =>
      Buffer.byteLength(
        JSON.stringify(desiredState(config, name as ServiceName, stage, SOME_BOOTSTRAP) ?? ''),
      ),
    ),
  );
  if (bytes <= LARGEST_STATE) return byHand;
  const message = `provisioning takes ${bytes} bytes of a parameter, which holds ${LARGEST_STATE}; declare fewer or shorter variables and arguments`;
  return [...byHand, { path: [...path, 'provision'], message }];
}
