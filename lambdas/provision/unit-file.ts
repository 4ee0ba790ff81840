import * as z from 'zod';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import { BOOTSTRAP, hostPlaces } from './host-places.ts';

/** A unit's name without specifiers, instances or escapes (`systemd.unit(5)`). */
const UnitName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}\.(service|socket|target|mount)$/,
    'a unit is named like postgresql.service',
  );

/** One line of printable text: a line break would begin a setting of its own, a backslash could join two lines. */
const Line = z
  .string()
  .min(1)
  .max(120)
  .regex(
    /^[^\p{Cc}\p{Cs}\u2028\u2029\\]+$/u,
    'a description is one line without control characters or backslashes',
  );

/** What a service may ask of its unit; everything else is the same for all of them. */
export const UnitOptions = z.strictObject({
  /** @default the service's and the environment's name */
  description: Line.optional(),
  /** Units that start before this one, if they are on the host. */
  after: z.array(UnitName).max(10).default([]),
  /** `MemoryMax=`, like 512M. @default no limit */
  memoryMax: z
    .string()
    .regex(/^[1-9]\d{0,8}[KMG]$/, 'memory is written like 512M')
    .optional(),
  /** `LimitNOFILE=`. */
  openFiles: z.int().min(64).max(1_048_576).default(65_536),
  /** Seconds from SIGTERM to SIGKILL. */
  stopSeconds: z.int().min(1).max(600).default(30),
});
export type UnitOptions = z.infer<typeof UnitOptions>;

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
