import { ConveyorConfig, checkReferences } from '../lambdas/domain/config.ts';
import { type FileKind, parseChecked, readChecked } from './checked-yaml.ts';
import { keysAt } from './config-schema.ts';

const CONFIG: FileKind<ConveyorConfig> = {
  schema: ConveyorConfig,
  keysAt,
  named: ['people', 'groups', 'environments', 'services'],
  check: checkReferences,
};

/**
 * Reads and checks `conveyor.yaml`. Throws InvalidConfiguration that lists every problem found.
 * @param path where it is, if that is not what messages shall call it
 */
export function readConfig(file: string, path = file): ConveyorConfig {
  return readChecked(file, CONFIG, path);
}

/** The same for a text that is already here; `fileName` only names it in messages. */
export function parseConfig(text: string, fileName: string): ConveyorConfig {
  return parseChecked(text, fileName, CONFIG);
}
