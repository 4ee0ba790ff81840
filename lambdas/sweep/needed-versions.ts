import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import type { Lines } from '../ports/lines.ts';
import type { Promotions } from '../ports/promotions.ts';

/**
 * The versions of a service that something still asks its store for: what runs anywhere, what is on its way into an
 * environment or stands in line for it, and what each environment had before, to go back to.
 */
export async function neededVersions(
  { lines, promotions }: { readonly lines: Lines; readonly promotions: Promotions },
  service: ServiceName,
  stages: readonly EnvironmentName[],
): Promise<ReadonlySet<string>> {
  const needed = new Set<string>();
  for (const environment of stages) {
    const { holder, waiters, landed } = await lines.read(service, environment);
    for (const { version } of waiters) needed.add(version);
    if (landed !== undefined) needed.add(landed.version);
    for (const id of [holder?.promotion, landed?.promotion]) {
      if (id === undefined) continue;
      const { version, previous } = await promotions.find(id);
      needed.add(version);
      if (previous !== undefined) needed.add(previous.version);
    }
  }
  return needed;
}
