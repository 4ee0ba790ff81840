import { ACCOUNTS, type Ports, REGION } from '../layout.ts';
import { docker } from './docker.ts';

/** A network of a twin's own, and this machine's address in it. */
export interface HostNetwork {
  readonly name: string;
  readonly gateway: string;
  /** How the emulator starts containers there. */
  readonly environment: Readonly<Record<string, string>>;
  /** With every host that is in it. */
  remove(): Promise<void>;
}

/** A command may take minutes without a word; the emulator's own limit is ten seconds. */
const PATIENCE_SECONDS = 3_600;

/** Makes the network anew: hosts of a twin that was killed are gone with it. */
export async function makeHostNetwork(twin: string, ports: Ports): Promise<HostNetwork> {
  const name = `conveyor-${twin}`;
  const remove = async () => {
    const hosts = await docker('ps', '--all', '--quiet', '--filter', `network=${name}`);
    if (hosts !== '') await docker('rm', '--force', '--volumes', ...hosts.split('\n'));
    if ((await docker('network', 'ls', '--quiet', '--filter', `name=^${name}$`)) !== '')
      await docker('network', 'rm', name);
  };
  await remove();
  await docker('network', 'create', name);
  const format = '{{(index .IPAM.Config 0).Gateway}}';
  const gateway = await docker('network', 'inspect', '--format', format, name);
  const front = `${gateway}:${ports.hostFront}`;
  const socket = process.env['DOCKER_HOST'];
  return {
    name,
    gateway,
    remove,
    environment: {
      ...(socket !== undefined && { DOCKER_HOST: socket }),
      DOCKER_NETWORK: name,
      MINISTACK_DOCKER_TIMEOUT: String(PATIENCE_SECONDS),
      EC2_DOCKER_FLAGS: [
        ...['--cap-add SYS_ADMIN', '--cap-add NET_ADMIN', '-v /sys/fs/cgroup:/sys/fs/cgroup'],
        ...['--tmpfs /run', '--tmpfs /run/lock', '--tmpfs /tmp', '-e container=docker'],
        `-e AWS_ENDPOINT_URL=http://${front}`,
        `-e CONVEYOR_HOST_FRONT=${front}`,
        ...Object.values(ACCOUNTS).map((account) => `--add-host ${registryOf(account)}:127.0.0.1`),
      ].join(' '),
    },
  };
}

function registryOf(account: string): string {
  return `${account}.dkr.ecr.${REGION}.amazonaws.com`;
}
