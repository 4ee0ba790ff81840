import type { Promotion } from '../../lambdas/domain/promotion.ts';
import { type Rules, STAGES, type Stage } from './moves.ts';
import type { World } from './world/world.ts';

/**
 * What may have become of everything when all of it happened at once. Who came first is chance; that it ended in a way it
 * could end in, by what the others did, is not.
 */
export function wrongEndings(world: World, rules: Rules): string[] {
  const records = world.records();
  const wrong = records
    .filter((record) => !mayEndAs(record, records, rules))
    .map((record) => `${tell(record)} cannot have ended so`);
  for (const line of new Set(records.map(lineOf))) {
    const own = records.filter((record) => lineOf(record) === line);
    wrong.push(...wrongSteps(line, own), ...wrongOffers(own, records, rules));
    wrong.push(...wrongPlace(world, own));
  }
  for (const { pk, sk } of world.table.contents)
    if (/#L#(LOCK|WAIT)/.test(sk)) wrong.push(`${pk} ${sk} is left over`);
  return wrong;
}

const lineOf = ({ service, environment }: Promotion) => `${service} ${environment}`;
const tell = (record: Promotion) =>
  `${lineOf(record)} ${record.version} (${record.kind}, ${record.id}) ${record.state}`;
const byItself = ({ requestedBy }: Promotion) => 'automatic' in requestedBy;
const promoted = (record: Promotion) => record.state === 'promoted';
const newer = (a: Promotion, b: Promotion) => Number(a.version) > Number(b.version);
const endOf = ({ endedAt }: Promotion) => endedAt ?? '9999';

function mayEndAs(record: Promotion, all: readonly Promotion[], rules: Rules): boolean {
  const rule = rules[record.environment as string as Stage];
  const siblings = all.filter((one) => one !== record && lineOf(one) === lineOf(record));
  const asker = 'person' in record.requestedBy ? record.requestedBy.person : undefined;
  const voters = (rule.approval?.approvers ?? []).filter(
    (person) => rule.approval?.selfApproval || person !== asker,
  );
  const tooFew = voters.length < (rule.approval?.minimum ?? 0);
  const votes = record.steps.approval?.votes ?? [];
  if (votes.some(({ person }) => !voters.includes(person))) return false;
  const rejected = votes.some(({ decision }) => decision === 'reject');
  const enough = !rejected && votes.length >= (rule.approval?.minimum ?? 0);
  const before = cameBefore(record, all);
  switch (record.state as string) {
    case 'promoted':
      return enough && !tooFew && (before === 'first' || before <= endOf(record));
    case 'refused':
      return tooFew || (!byItself(record) && before !== 'first' && before > record.createdAt);
    case 'superseded': {
      if (record.kind === 'rollback') return false;
      const passed = siblings.some((one) => promoted(one) && newer(one, record));
      const behind = siblings.some((one) => one.kind === 'promotion' && newer(one, record));
      const fire = siblings.some((one) => one.kind === 'rollback');
      const asks = rule.approval !== undefined;
      return (
        (byItself(record) && passed) || (rule.strategy === 'latest' && behind) || (asks && fire)
      );
    }
    case 'rejected':
      return rejected;
    case 'expired':
      return rule.approval !== undefined && !rejected && !enough;
    default:
      return false;
  }
}

/** When its bytes first were where they had to be before; `first`: they come from nowhere else. */
function cameBefore(record: Promotion, all: readonly Promotion[]): string {
  const at = STAGES.indexOf(record.environment as string as Stage);
  const from = STAGES[record.kind === 'rollback' ? at : at - 1];
  if (from === undefined) return 'first';
  const there = all.filter(
    (one) =>
      one !== record &&
      promoted(one) &&
      one.service === record.service &&
      (one.environment as string) === from &&
      one.version === record.version,
  );
  return there.map(endOf).sort()[0] ?? '9999';
}

/** Nothing goes backwards by itself; what was built last and promotes by itself gets where it was going. */
function wrongSteps(line: string, own: readonly Promotion[]): string[] {
  const steps = own.filter(promoted).sort((a, b) => (endOf(a) < endOf(b) ? -1 : 1));
  const wrong = steps
    .filter((step, n) => byItself(step) && steps[n - 1] && newer(steps[n - 1] as Promotion, step))
    .map((step) => `${tell(step)}: backwards`);
  if (!line.endsWith(' dev')) return wrong;
  const pushed = own.filter(byItself).sort((a, b) => Number(b.version) - Number(a.version));
  const [newest] = pushed;
  if (new Set(pushed.map(({ version }) => version)).size !== pushed.length)
    wrong.push(`${line}: one push became two promotions`);
  const alone = own.every((one) => byItself(one) || !newest || !newer(one, newest));
  if (newest && alone && !promoted(newest)) wrong.push(`${tell(newest)}: nothing is newer`);
  return wrong;
}

/** Whatever was promoted is offered once to a next stage that promotes by itself, and nothing else is. */
function wrongOffers(own: readonly Promotion[], all: readonly Promotion[], rules: Rules): string[] {
  return own.flatMap((record) => {
    const next = STAGES[STAGES.indexOf(record.environment as string as Stage) + 1];
    if (next === undefined) return [];
    const same = ({ service, version }: Promotion) =>
      service === record.service && version === record.version;
    const gave = own.filter((one) => same(one) && promoted(one) && one.kind === 'promotion');
    const got = all.filter(
      (one) => same(one) && byItself(one) && (one.environment as string) === next,
    );
    const wanted = rules[next].auto ? gave.length : 0;
    return got.length === wanted ? [] : [`${tell(record)}: offered ${got.length} times to ${next}`];
  });
}

/** Table and Ledger say what landed last, and every commit is of something that was promoted. */
function wrongPlace(world: World, own: readonly Promotion[]): string[] {
  const [record] = own;
  if (record === undefined) return [];
  const { service, environment } = record;
  const last = [...own].filter(promoted).sort((a, b) => (endOf(a) < endOf(b) ? 1 : -1))[0];
  const key = { pk: `S#${service}`, sk: `E#${environment}#L#LANDED` };
  const landed = world.table.peek<{ promotion: string }>(key)?.value.promotion;
  const text = world.ledger.text(`envs/${environment}/${service}.yaml`) ?? '';
  const tag = /tag: "?(\d+)/.exec(text)?.[1];
  return [
    ...(landed === last?.id ? [] : [`${lineOf(record)} holds ${landed}, not ${last?.id}`]),
    ...(tag === (last?.version ?? '0') ? [] : [`${lineOf(record)}: the Ledger says ${tag}`]),
  ];
}
