import type { ConveyorConfig } from '../../../lambdas/domain/config.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { HostRollout } from '../../../lambdas/domain/rollout.ts';
import type { Approval } from '../../../lambdas/ports/approvals.ts';
import type { Change } from '../../../lambdas/ports/table.ts';
import type { MemoryTable } from '../../fakes/memory-table.ts';
import type { Process } from '../world/process.ts';
import { CONFIG_KEPT_MILLISECONDS } from '../world/world.ts';
import { rolloutsIn } from './hosts.ts';
import { type Invariant, lookOf, manifestOf, promotionOf } from './invariant.ts';
import { shownOf } from './manifest.ts';

/** An approver is shown what is true within so long of the asking: the asking itself takes its time. */
const ASKING_TAKES = 60_000;

interface Seen {
  readonly at: number;
  readonly value: string;
}

/**
 * Nothing lands in an environment but by the policy in force there when the step that lands it began: where that demands
 * approvals, enough of the right people said yes to exactly what is landed, over exactly what was there.
 */
export const approved: Invariant = {
  name: 'nothing lands without the approvals that the policy in force demands',
  watch(world, broken) {
    /** What lines held, and Ledger files said, since when. */
    const history = new Map<string, Seen[]>();
    const note = (what: string, value: string) => {
      const seen = history.get(what) ?? [];
      history.set(what, seen);
      if (seen.at(-1)?.value !== value) seen.push({ at: world.loop.now(), value });
    };
    const wasTrue = (what: string, isIt: (value: string) => boolean, from: number, to: number) => {
      const seen = history.get(what) ?? [];
      return seen.some(
        (one, n) => isIt(one.value) && one.at <= to && (seen[n + 1]?.at ?? Infinity) >= from,
      );
    };
    /** What was let land by a policy, and by people where it asks for them: what a catch-up may bring. */
    const allowed = new Set<string>();
    const mayCatchUp = (promotion: Promotion): string => {
      const { service, environment } = promotion;
      if (!allowed.has(releaseHere(promotion))) return 'it was never let in there';
      const holds = history.get(`${service} ${environment}`)?.at(-1)?.value ?? 'nothing';
      return holds === promotion.version ? '' : `the environment holds ${holds}`;
    };
    const opened = new Set<string>();
    /** Hosts are reached from here on. */
    const isNew = ({ promotion }: HostRollout) => {
      const known = opened.has(promotion);
      opened.add(promotion);
      return !known;
    };
    const noteFiles = () => {
      for (const path of world.ledger.paths()) note(path, world.ledger.text(path) ?? '');
    };
    world.ledger.onPush(noteFiles);
    noteFiles();

    const mayLand = (promotion: Promotion, config: ConveyorConfig, text: string): string => {
      if (promotion.kind === 'catch-up') return mayCatchUp(promotion);
      const rule = config.environments[promotion.environment]?.approval;
      if (rule === undefined || !(rule.required || promotion.approvalWanted)) return '';
      const round = latestRound(world.table, promotion.id);
      if (round === undefined) return 'nobody was asked';
      if (round.state !== 'open') return `the asking is ${round.state}`;
      const group: readonly string[] =
        typeof rule.approvers === 'string' ? (config.groups[rule.approvers] ?? []) : rule.approvers;
      const by = 'person' in promotion.requestedBy ? promotion.requestedBy.person : undefined;
      const counted = round.votes.filter(
        ({ person }) => group.includes(person) && (rule.selfApproval || person !== by),
      );
      if (counted.some(({ decision }) => decision === 'reject')) return 'somebody rejected it';
      const yes = new Set(counted.map(({ person }) => person)).size;
      if (yes < rule.minimum) return `${yes} of ${rule.minimum} approved`;
      const asked = Date.parse(round.askedAt);
      const [from, to] = [asked - ASKING_TAKES, asked + ASKING_TAKES];
      const path = manifestOf(promotion.service, promotion.environment);
      const shown = shownOf(text, promotion.service);
      if (!wasTrue(path, (then) => shownOf(then, promotion.service) === shown, from, to))
        return 'the manifest is not what was shown';
      const line = `${promotion.service} ${promotion.environment}`;
      const landed = history.get(line)?.at(-1)?.value ?? '';
      return wasTrue(line, (held) => held === landed, from, to) || landed === ''
        ? ''
        : 'what the environment holds is not what was shown';
    };

    return {
      onEffect(effect) {
        const { process, port, method, args, result } = effect;
        if (port === 'table' && method === 'write' && result === true)
          for (const { pk, sk, value } of args[0] as Change[])
            if (sk.endsWith('#L#LANDED') && value !== undefined)
              note(`${pk.slice(2)} ${sk.split('#')[1]}`, (value as { version: string }).version);
        for (const rollout of rolloutsIn(effect))
          if (isNew(rollout)) requireApproval(process, rollout.promotion);
        if (port !== 'ledger' || method !== 'commit' || result === undefined) return;
        const change = args[0] as { message: string };
        // What it may change is none of this invariant's: nothing lands by it.
        const isLook = process.name === 'sweep-hosts' && lookOf(change.message) !== undefined;
        if (!isLook) requireApproval(process, promotionOf(change.message));
        noteFiles();
      },
    };

    /** That it may land now, by whoever does so. */
    function requireApproval(process: Process, id: string | undefined): void {
      const promotion = id === undefined ? undefined : world.record(id);
      if (promotion === undefined) throw broken(`${id} lands, and is not recorded`);
      const path = manifestOf(promotion.service, promotion.environment);
      const text = history.get(path)?.at(-1)?.value ?? '';
      const from = process.startedAt - CONFIG_KEPT_MILLISECONDS;
      const inForce = world.policies.filter(
        ({ at }, n) => at <= world.loop.now() && (world.policies[n + 1]?.at ?? Infinity) >= from,
      );
      const why = inForce.map(({ config }) => mayLand(promotion, config, text));
      if (!why.includes('')) broken(`${id} landed in ${promotion.environment}: ${why.join('; ')}`);
      allowed.add(releaseHere(promotion));
    }
  },
};

const releaseHere = ({ service, environment, version, digest }: Promotion) =>
  `${service} ${environment} ${version} ${digest}`;

function latestRound(table: MemoryTable, promotion: string): Approval | undefined {
  const pk = `P#${promotion}`;
  return table.peekAll<Approval>(pk, 'A#').at(-1)?.value;
}
