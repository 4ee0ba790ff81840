import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ecrRegistry } from '../../lambdas/adapters/ecr-registry.ts';
import { SystemClock } from '../../lambdas/adapters/system-clock.ts';
import { RepositoryName, Version } from '../../lambdas/domain/names.ts';
import type { Registry } from '../../lambdas/ports/registry.ts';
import { awsEnvironment } from './child-environment.ts';
import { ACCOUNTS, type AccountName, REGION, ROOT } from './layout.ts';
import { type Person, sessionOf } from './people.ts';
import { pushImage } from './push-image.ts';
import { type SampleProgram, sampleImage } from './sample-image.ts';

/** An account's registry, as a client with that account's credentials reaches it. */
export function registryOf(endpoint: URL, account: AccountName): Promise<Registry> {
  const credentials = { accessKeyId: ACCOUNTS[account], secretAccessKey: 'twin' };
  return ecrRegistry({
    client: new ECRClient({ endpoint: endpoint.origin, region: REGION, credentials }),
    clock: new SystemClock(),
  });
}

/** Pushes a real multi-arch image to dev, as CI would; answers with its digest. */
export async function pushSample(
  endpoint: URL,
  service: string,
  version: string,
  program?: SampleProgram,
): Promise<string> {
  const image = sampleImage({ service, version, ...(program && { program }) });
  const registry = await registryOf(endpoint, 'dev');
  await pushImage({
    registry,
    repository: RepositoryName.parse(`forge/${service}`),
    tag: Version.parse(version),
    image,
  });
  return image.index.digest;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Where {
  readonly cwd?: string;
  /** Beside the person's session. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The bundled `conveyor`, run by one person of the twin. */
export async function conveyorAs(
  endpoint: URL,
  person: Person,
  args: readonly string[],
  { cwd = ROOT, env: more = {} }: Where = {},
): Promise<CliResult> {
  const env = { ...awsEnvironment(endpoint, await sessionOf(endpoint, person)), ...more };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'dist/conveyor.mjs'), ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}
