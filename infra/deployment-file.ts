import { Deployment } from '../lambdas/domain/deployment-file.ts';
import { type FileKind, parseChecked, readChecked } from './checked-yaml.ts';
import { deploymentKeysAt } from './config-schema.ts';

const DEPLOYMENT: FileKind<Deployment> = {
  schema: Deployment,
  keysAt: deploymentKeysAt,
  named: [],
  check: () => [],
};

/**
 * Reads and checks one `deployments/<environment>.yaml`.
 * @param path where it is, if that is not what messages shall call it
 * @throws InvalidConfiguration that lists every problem found
 */
export function readDeployment(file: string, path = file): Deployment {
  return readChecked(file, DEPLOYMENT, path);
}

/** The same for a text that is already here; `fileName` only names it in messages. */
export function parseDeployment(text: string, fileName: string): Deployment {
  return parseChecked(text, fileName, DEPLOYMENT);
}
