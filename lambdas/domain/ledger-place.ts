import * as z from 'zod';
import type { EnvironmentName, ServiceName } from './names.ts';

/** A file of the Ledger, as conveyor.yaml writes it; `{environment}` and `{service}` are filled in. */
export const LedgerPath = z
  .string()
  .min(1)
  .max(400)
  .regex(/^(?!\/)(?!.*\.\.)[\w{}@+./-]+$/, 'a path is relative and stays inside the Ledger');

/** A key of such a file, written with dots; the same names are filled in. */
export const LedgerKey = z.string().min(1).max(200);

/** Of what a configuration writes once for all services and environments. */
export function fillNames(
  text: string,
  names: { readonly service: ServiceName; readonly environment: EnvironmentName },
): string {
  return text.replaceAll('{environment}', names.environment).replaceAll('{service}', names.service);
}
