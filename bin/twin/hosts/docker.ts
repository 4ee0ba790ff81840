import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The image that `build-image.sh` makes. */
export const HOST_IMAGE = 'conveyor-host:debian-12';

/** Runs the docker command of this machine. @throws Error with what it said */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute('docker', [...args], { maxBuffer: 64 * 1_024 * 1_024 });
  return stdout.trim();
}

/** What a command of docker prints, as it is. */
export async function dockerBytes(...args: readonly string[]): Promise<Buffer> {
  const { stdout } = await execute('docker', [...args], { encoding: 'buffer', maxBuffer: 1e8 });
  return stdout;
}

/** Why there can be no hosts on this machine; undefined where there can. */
export async function whyNoHosts(): Promise<string | undefined> {
  if (process.platform !== 'linux')
    return 'hosts need Linux: containers with a systemd of their own';
  if (!(await succeeds('info'))) return 'no Docker daemon answers';
  if (!(await succeeds('image', 'inspect', HOST_IMAGE)))
    return `there is no image ${HOST_IMAGE}: sudo bin/twin/hosts/build-image.sh makes it`;
  return undefined;
}

async function succeeds(...args: readonly string[]): Promise<boolean> {
  return docker(...args).then(
    () => true,
    () => false,
  );
}
