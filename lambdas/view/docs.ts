import type { ConveyorConfig } from '../domain/config.ts';

/** Where runbook links lead, as far as the configuration says. */
export function docsOf(config: ConveyorConfig): { readonly docs?: URL } {
  return config.docs === undefined ? {} : { docs: new URL(config.docs) };
}
