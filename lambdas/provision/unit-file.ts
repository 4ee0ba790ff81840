import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import type { UnitOptions } from '../domain/provisioning.ts';
import { BOOTSTRAP, hostPlaces } from './host-places.ts';

/**
 * The unit that Conveyor owns. The bootstrap starts as root, because it alone may read the host's key and the credential;
 * it drops to the service's user itself. With `User=` it could read neither, `LoadCredential=` would hand the host's key to
 * the service, and `ExecStart=+` would go without all of the restrictions below, which hold for root and service alike.
 */
export function renderUnitFile(
  service: ServiceName,
  environment: EnvironmentName,
  options: UnitOptions,
): string {
  const places = hostPlaces(service);
  const description = options.description ?? `Wardnet service ${service} (${environment})`;
  const after = ['network-online.target', ...options.after].join(' ');
  return `${[
    '# Written by Conveyor, which owns this unit; changes by hand do not last.',
    '[Unit]',
    `Description=${escapeSpecifiers(description)}`,
    `After=${after}`,
    'Wants=network-online.target',
    '# Before the first deployment there is nothing to start, which is no failure.',
    `ConditionPathExists=${places.folder}/current`,
    'StartLimitIntervalSec=300',
    'StartLimitBurst=10',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${BOOTSTRAP} ${service}`,
    '# Set for the whole machine, or not at all: where AWS is, when it is not where it always is.',
    'PassEnvironment=AWS_ENDPOINT_URL AWS_EC2_METADATA_SERVICE_ENDPOINT',
    'Restart=on-failure',
    'RestartSec=5',
    '# The descriptor or the credential is wrong: another start would not mend it.',
    'RestartPreventExitStatus=78',
    `TimeoutStopSec=${options.stopSeconds}`,
    `LimitNOFILE=${options.openFiles}`,
    '# A core would hold the secrets.',
    'LimitCORE=0',
    ...(options.memoryMax === undefined ? [] : [`MemoryMax=${options.memoryMax}`]),
    'UMask=0027',
    '# What the bootstrap needs to become the user; the service itself has none.',
    'CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_SETPCAP',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    `ReadWritePaths=${places.data}`,
    'ProtectHome=yes',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'ProtectControlGroups=yes',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ].join('\n')}\n`;
}

/** `%` begins a specifier in a unit (`systemd.unit(5)`, "Specifiers"). */
const escapeSpecifiers = (text: string) => text.replaceAll('%', '%%');
