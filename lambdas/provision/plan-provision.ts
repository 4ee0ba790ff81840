import { createHash } from 'node:crypto';
import type { ServiceName } from '../domain/names.ts';
import type { PlannedChange } from '../domain/provision-run.ts';
import type { Fingerprint } from './credential.ts';
import type { DeclaredService } from './declared-service.ts';
import { type HostPlaces, hostPlaces } from './host-places.ts';
import type { ProvisionReport, SeenPart } from './provision-report.ts';
import { type Part, renderParts } from './render-parts.ts';

export interface ObservedHost {
  /** Its instance's id. */
  readonly host: string;
  /** Absent where it did not answer. */
  readonly report?: ProvisionReport;
}

export interface PlanRow {
  readonly host: string;
  readonly service: ServiceName;
  /** `blocked`: nothing can be done there until somebody has done something; `changes` says what. */
  readonly action: 'create' | 'change' | 'none' | 'remove' | 'blocked';
  readonly changes: readonly PlannedChange[];
  readonly blockedBy?: string;
  /** The credential has to be encrypted to the host's key anew; otherwise the one that is there stays. */
  readonly seal: boolean;
  /** Left on the host by a removal. */
  readonly keeps: readonly string[];
}

export interface ProvisionPlan {
  readonly service: ServiceName;
  /** Absent where the service is declared no longer. */
  readonly declared?: DeclaredService;
  /** The declared credential's; there when and only when it has one. */
  readonly fingerprint?: Fingerprint;
  readonly hosts: readonly ObservedHost[];
}

/** What provisioning would do on every host, in the hosts' order. Pure: the same facts, the same plan. */
export function planProvision({
  service,
  declared,
  fingerprint,
  hosts,
}: ProvisionPlan): readonly PlanRow[] {
  const places = hostPlaces(service);
  const parts = declared === undefined ? [] : renderParts(declared);
  return hosts.map(({ host, report }) => {
    const row = { host, service, changes: [], seal: false, keeps: [] };
    const blockedBy = whatBlocks(report, declared !== undefined);
    if (report === undefined || blockedBy !== undefined)
      return { ...row, action: 'blocked', blockedBy: blockedBy ?? NO_ANSWER };
    if (declared === undefined) return { ...row, ...removal(report, places) };
    const credential = credentialChange(report, places, fingerprint);
    const changes = [
      ...parts.flatMap((part) => partChange(part, report.parts)),
      ...(credential === undefined ? [] : [credential]),
      ...unitChanges(report, places, parts),
    ];
    const action = report.state === 'absent' ? 'create' : changes.length === 0 ? 'none' : 'change';
    const seal = credential !== undefined && credential.change !== 'remove';
    return { ...row, action, changes, seal };
  });
}

const NO_ANSWER = 'the host did not answer';

function whatBlocks(report: ProvisionReport | undefined, applies: boolean): string | undefined {
  if (report === undefined) return NO_ANSWER;
  if (report.state !== 'present' && report.state !== 'absent') return report.reason;
  if (!applies) return undefined;
  if (report.missing.length > 0) return `the host lacks ${report.missing.join(', ')}`;
  return report.hostKey === undefined ? 'the host has no key to encrypt to' : undefined;
}

function removal(
  report: ProvisionReport,
  places: HostPlaces,
): Pick<PlanRow, 'action' | 'changes' | 'keeps'> {
  const gone = [places.unitFile, places.credential, places.descriptor]
    .filter((path) => report.parts[path] !== undefined)
    .map((part): PlannedChange => ({ part, change: 'remove', why: 'declared no longer' }));
  if (gone.length === 0) return { action: 'none', changes: [], keeps: [] };
  const keeps = report.parts[places.folder] === undefined ? [] : [places.folder, places.user];
  return { action: 'remove', changes: gone, keeps };
}

function partChange(part: Part, seen: ProvisionReport['parts']): PlannedChange[] {
  const there = seen[part.path];
  const change = (what: PlannedChange['change'], why: string) => [
    { part: part.path, change: what, why },
  ];
  if (part.kind === 'absent')
    return there === undefined ? [] : change('remove', 'declared no longer');
  if (there === undefined) return change('create', 'not there');
  if (there.kind !== part.kind) return change('content', `a ${there.kind} is there`);
  if (part.kind === 'file' && there.sha256 !== sha256(part.contentBase64))
    return change('content', 'its content differs from what is declared');
  const [was, is] = [ownership(there), ownership(part)];
  return was === is ? [] : change('owner', `${was} becomes ${is}`);
}

const ownership = ({ owner, group, mode }: Pick<SeenPart, 'owner' | 'group' | 'mode'>) =>
  `${owner}:${group} ${mode}`;

/** By the fingerprint of what was sealed: the file itself would differ each time. */
function credentialChange(
  { parts, credential, hostKey }: ProvisionReport,
  { credential: path }: HostPlaces,
  fingerprint: Fingerprint | undefined,
): PlannedChange | undefined {
  const there = parts[path];
  const change = (what: PlannedChange['change'], why: string) => ({
    part: path,
    change: what,
    why,
  });
  if (fingerprint === undefined)
    return there === undefined ? undefined : change('remove', 'declared no longer');
  if (there === undefined) return change('create', 'not there');
  if (credential === undefined || credential.sealed !== there.sha256)
    return change('content', 'it is not the one that was put there');
  if (credential.fingerprint !== fingerprint) return change('content', 'the credential is another');
  if (credential.hostKey !== hostKey) return change('content', 'the host has another key');
  const was = ownership(there);
  return was === 'root:root 0600' ? undefined : change('owner', `${was} becomes root:root 0600`);
}

function unitChanges(
  { unit, restartPending, parts: seen }: ProvisionReport,
  { unitFile }: HostPlaces,
  parts: readonly Part[],
): PlannedChange[] {
  const changes = parts
    .filter(({ path }) => path === unitFile)
    .some((part) => partChange(part, seen).some(({ change }) => change === 'content'));
  const runs = unit.active !== '' && unit.active !== 'inactive' && unit.active !== 'failed';
  const change = (what: PlannedChange['change'], why: string): PlannedChange => ({
    part: 'unit',
    change: what,
    why,
  });
  return [
    ...(unit.enabled === 'enabled' ? [] : [change('enable', 'it does not start with the host')]),
    ...(unit.reload === 'yes' && !changes
      ? [change('reload', 'systemd has read another version of it')]
      : []),
    ...(restartPending || (changes && runs)
      ? [change('restart', 'its process is older than its unit; restarted only when asked to')]
      : []),
  ];
}

const sha256 = (base64: string) =>
  createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
