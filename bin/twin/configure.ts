import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { type Places, type Ports, ROOT } from './layout.ts';

/** Changes to the example's configuration, by path. */
export type Overrides = Readonly<Record<string, unknown>>;

/** `examples/forge/conveyor.yaml` with this machine's git host, Argo CD, R2 and patience; all else is as a user would have it. */
export function writeConfig(places: Places, ports: Ports, overrides: Overrides = {}): void {
  const document = parseDocument(readFileSync(join(ROOT, 'examples/forge/conveyor.yaml'), 'utf8'));
  const local = {
    'ledger.github.apiUrl': `http://127.0.0.1:${ports.github}`,
    'argocd.server': `http://127.0.0.1:${ports.argocd}`,
    'releaseStore.r2.endpoint': `http://127.0.0.1:${ports.r2}`,
    // Nobody wants to watch two minutes of a release that will not become healthy.
    'services.dagster.target.compose.health.within': '10s',
    'services.gateway.target.systemd.health.within': '10s',
  };
  for (const [path, value] of Object.entries({ ...local, ...overrides }))
    document.setIn(path.split('.'), value);
  mkdirSync(places.root, { recursive: true });
  writeFileSync(places.config, document.toString());
}
