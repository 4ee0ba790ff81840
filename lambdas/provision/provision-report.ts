import * as z from 'zod';
import { InvalidInput } from '../domain/errors.ts';
import { ServiceName } from '../domain/names.ts';
import { Fingerprint } from './credential.ts';
import { HostKey } from './host-key.ts';

/** "KIND OWNER:GROUP MODE SHA256" without what does not apply, as provision.sh's `see` writes it. */
const SeenPart = z
  .string()
  .regex(/^(?:link|other|directory \S+:\S+ \d{4}|file \S+:\S+ \d{4} [0-9a-f]{64})$/)
  .transform((text): SeenPart => {
    const [kind = '', owners, mode, sha256] = text.split(' ');
    const [owner, group] = owners?.split(':') ?? [];
    return { kind, owner, group, mode, sha256 };
  });
/** What is at a path of a host. `kind` is file, directory, link or other; the others are there where they apply. */
export interface SeenPart {
  readonly kind: string;
  readonly owner: string | undefined;
  readonly group: string | undefined;
  /** Four octal digits. */
  readonly mode: string | undefined;
  /** Of a file's content, in hexadecimal. */
  readonly sha256: string | undefined;
}

const nothing = { loaded: '', active: '', enabled: '', reload: '' };

/**
 * The line that provision.sh prints. Where it ended before it could look (no jq, a request that it refused), all but
 * `state` and `reason` is empty.
 */
export const ProvisionReport = z.object({
  schema: z.literal(1),
  service: z.union([ServiceName, z.literal('')]),
  /** `present` and `absent` are what was seen, after whatever was done; in the other three nothing is known to be right. */
  state: z.enum(['present', 'absent', 'failed', 'busy', 'refused']),
  hostKey: HostKey.nullish().transform((key) => key ?? undefined),
  user: z.string().nullish(),
  /** Commands that provisioning needs and the host lacks. */
  missing: z.array(z.string()).default([]),
  parts: z.record(z.string(), SeenPart).default({}),
  /** systemd's own words: LoadState, ActiveState, is-enabled, NeedDaemonReload. */
  unit: z
    .object({
      loaded: z.string().default(''),
      active: z.string().default(''),
      enabled: z.string().default(''),
      reload: z.string().default(''),
    })
    .default(nothing),
  /** What was noted when the credential came; `sealed` is the SHA-256 of the file that came. */
  credential: z
    .object({ fingerprint: Fingerprint, hostKey: HostKey, sealed: z.string() })
    .nullish()
    .transform((credential) => credential ?? undefined),
  changed: z.array(z.string()).default([]),
  restarted: z.boolean().default(false),
  /** The process that runs is older than its unit. */
  restartPending: z.boolean().default(false),
  reason: z.string(),
  /** Seconds. */
  took: z.number(),
});
export type ProvisionReport = z.infer<typeof ProvisionReport>;

/** @throws InvalidInput What the host printed is no report: it was cut off, or something else ran there. */
export function parseProvisionReport(host: string, output: string): ProvisionReport {
  const problem = (cause: unknown) =>
    new InvalidInput(`${host} printed no report of provisioning`, {
      cause,
      data: { host },
      fix: `See /var/log/conveyor on ${host}, and the command's own output.`,
    });
  let line: unknown;
  try {
    line = JSON.parse(output.trim());
  } catch (cause) {
    throw problem(cause);
  }
  const report = ProvisionReport.safeParse(line);
  if (!report.success) throw problem(report.error);
  return report.data;
}

/** The report among what a script printed; undefined where there is none. A host may print anything. Pure. */
export function readProvisionReport(output: string): ProvisionReport | undefined {
  for (const line of output.split('\n').reverse()) {
    if (!line.startsWith('{')) continue;
    try {
      return parseProvisionReport('', line);
    } catch {
      // Something else that begins so.
    }
  }
  return undefined;
}
