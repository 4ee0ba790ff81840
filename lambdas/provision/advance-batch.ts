import type {
  HostProvision,
  ProvisionBatch,
  ProvisionRun,
  ServiceRun,
} from '../domain/provision-run.ts';
import type { Read } from '../ports/rollouts.ts';
import { applyCommands, lookCommand } from './name-commands.ts';
import { type PlanRow, planProvision } from './plan-provision.ts';
import { type Answers, askCommands, type CommandPorts, sendCommands } from './run-commands.ts';
import type { ServiceFacts } from './service-facts.ts';
import { needsApply, settleHost } from './settle-host.ts';

export interface At {
  readonly run: ProvisionRun;
  readonly service: ServiceRun;
  readonly facts: ServiceFacts | { readonly problem: string };
}

/** A host is told so often in one run: its lock may be held, its script may die, its key may be another by then. */
const MOST_ROUNDS = 3;

/**
 * One step of a batch: look, tell where something differs, look again. What a host is seen to be decides; what a script
 * says of itself only becomes the reason that people read.
 * @throws Unavailable
 */
export async function advanceBatch(
  ports: CommandPorts,
  { run, service, facts }: At,
  batch: Read<ProvisionBatch>,
): Promise<Read<ProvisionBatch>> {
  if ('problem' in facts)
    return ports.runs.saveBatch(run, settled(batch.value, blocked(facts.problem)), batch);
  const now = ports.clock.now();
  if (batch.value.commands.length === 0) {
    const command = lookCommand(run, batch.value, all(batch.value), now);
    const named = await ports.runs.saveBatch(run, { ...batch.value, commands: [command] }, batch);
    return sendCommands(ports, { run, service, facts }, named, 'just named');
  }
  const sent = await sendCommands(ports, { run, service, facts }, batch, 'named before');
  const { batch: asked, answers } = await askCommands(ports, run, sent);
  if (answers === undefined) return asked;
  const next = afterAnswers({ run, service, facts }, asked.value, answers, now);
  const saved = await ports.runs.saveBatch(run, next, asked);
  if (next.phase === 'settled') return saved;
  return sendCommands(ports, { run, service, facts }, saved, 'just named');
}

function afterAnswers(
  { run, service, facts }: At & { readonly facts: ServiceFacts },
  batch: ProvisionBatch,
  answers: Answers,
  now: Date,
): ProvisionBatch {
  const told = new Map(batch.commands.flatMap((one) => Object.entries(one.told ?? {})));
  if (batch.phase === 'applying') {
    const hosts = batch.hosts.map((host) => {
      const reason = told.get(host.instance);
      return reason === undefined ? host : { ...host, reason };
    });
    const who = batch.commands.flatMap(({ instances }) => instances);
    const checking = { ...batch, hosts, phase: 'checking' as const };
    return { ...checking, commands: [lookCommand(run, checking, who, now)] };
  }
  const rows = rowsOf(service, facts, batch, answers).map((row) =>
    row.blockedBy === undefined ? row : { ...row, blockedBy: told.get(row.host) ?? row.blockedBy },
  );
  const isLast = run.mode === 'plan' || (batch.phase === 'checking' && batch.round >= MOST_ROUNDS);
  const wanting = isLast ? [] : rows.filter((row) => needsApply(row, facts));
  const hosts = batch.hosts.map((host) =>
    settleHost(host, rowFor(rows, host), {
      run,
      facts,
      tried: batch.phase === 'checking',
      again: wanting.some((row) => row.host === host.instance),
    }),
  );
  if (wanting.length === 0) return { ...batch, hosts, phase: 'settled', commands: [] };
  const round = batch.phase === 'checking' ? batch.round + 1 : batch.round;
  const applying = { ...batch, hosts, round, phase: 'applying' as const };
  const keys = new Map([...answers].map(([host, { report }]) => [host, report?.hostKey] as const));
  return { ...applying, commands: applyCommands(run, applying, wanting, keys, now) };
}

/** Of the hosts that were asked just now. */
function rowsOf(
  { service, wanted }: ServiceRun,
  { declared, sealed }: ServiceFacts,
  { commands }: ProvisionBatch,
  answers: Answers,
): readonly PlanRow[] {
  return planProvision({
    service,
    ...(wanted === 'present' && declared !== undefined && { declared }),
    ...(sealed !== undefined && { fingerprint: sealed.fingerprint }),
    hosts: commands
      .flatMap(({ instances }) => instances)
      .map((host) => {
        const report = answers.get(host)?.report;
        return { host, ...(report !== undefined && { report }) };
      }),
  });
}

const rowFor = (rows: readonly PlanRow[], { instance }: HostProvision) =>
  rows.find(({ host }) => host === instance);
const all = ({ hosts }: ProvisionBatch) => hosts.map(({ instance }) => instance);

const blocked =
  (reason: string) =>
  (host: HostProvision): HostProvision => ({ ...host, state: 'blocked', reason });

function settled(
  batch: ProvisionBatch,
  change: (host: HostProvision) => HostProvision,
): ProvisionBatch {
  return { ...batch, phase: 'settled', hosts: batch.hosts.map(change), commands: [] };
}
