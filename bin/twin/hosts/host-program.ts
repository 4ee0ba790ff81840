import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleProgram } from '../sample-image.ts';
import type { Build } from '../service-repository.ts';
import { dockerBytes, HOST_IMAGE } from './docker.ts';

/** Healthy it answers its health check, sick it answers everything else. */
export type Behaviour = 'healthy' | 'sick';

const PORTS = { dagster: 3_000, gateway: 8_080 } as const;

/** An image with one static program that serves its version over HTTP. */
export async function hostProgram(version: string, behaviour: Behaviour): Promise<SampleProgram> {
  const health = behaviour === 'healthy' ? [{ path: 'www/health', mode: 0o644, text: 'ok\n' }] : [];
  return {
    files: [
      {
        path: 'bin/busybox',
        mode: 0o755,
        text: await dockerBytes('run', '--rm', HOST_IMAGE, 'cat', '/bin/busybox'),
      },
      { path: 'www/version', mode: 0o644, text: `${version}\n` },
      ...health,
    ],
    command: ['/bin/busybox', 'httpd', '-f', '-p', `${PORTS.dagster}`, '-h', '/www'],
  };
}

/**
 * A build whose `bin/serve` does the same on a host. A text with "sick" in it is so everywhere; one that a host's file
 * `/etc/sick` names, there alone.
 */
export const buildHostService: Build = async (directory, text) => {
  const www = join(directory, 'dist/www');
  const serve = join(directory, 'dist/bin/serve');
  for (const folder of [www, join(serve, '..')]) mkdirSync(folder, { recursive: true });
  for (const file of [join(www, 'version'), join(directory, 'src/version')])
    writeFileSync(file, `${text}\n`);
  rmSync(join(www, 'health'), { force: true });
  if (!text.includes('sick')) writeFileSync(join(www, 'health'), 'ok\n');
  writeFileSync(serve, SERVE);
  chmodSync(serve, 0o755);
};

const SERVE = `#!/bin/sh
www=$(dirname "$0")/../www
if grep -qsx "$(cat "$www/version")" /etc/sick; then www=/run; fi
exec busybox httpd -f -p 127.0.0.1:${PORTS.gateway} -h "$www"
`;
