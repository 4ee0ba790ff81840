import { type Move, type Rules, STAGES, type Stage } from './moves.ts';

type Name = 'service' | 'environment' | 'version';
type Of<Kind extends Move['do']> = Extract<Move, { do: Kind }>;

export interface Story {
  readonly service: string;
  readonly environment: Stage;
  readonly version: number;
  readonly kind: 'promotion' | 'rollback';
  /** Nobody: Conveyor by itself. */
  readonly by?: string | undefined;
  state: string;
  readonly votes: Record<string, 'approve' | 'reject'>;
  askedAt?: number;
}

/** One service in one environment. */
export interface Line {
  holder?: Story | undefined;
  /** Whoever has to wait, in the order in which they came. */
  waiting: Story[];
  /** What is there now, last, and whatever was there before; each with who brought it. */
  readonly landings: Story[];
}

/** All that somebody who uses Conveyor was promised, as plain data. */
export interface Promised {
  readonly rules: Rules;
  /** Service and version. */
  readonly released: Set<string>;
  readonly lines: Record<string, Line>;
  /** In the order in which they began. */
  readonly stories: Story[];
  now: number;
}

/** How long an approver may take, in milliseconds. */
const PATIENCE = 24 * 3_600_000;

export function begin(rules: Rules): Promised {
  return { rules, released: new Set(), lines: {}, stories: [], now: 0 };
}

export function lineOf(promised: Promised, service: string, environment: Stage): Line {
  promised.lines[`${service} ${environment}`] ??= { waiting: [], landings: [] };
  return promised.lines[`${service} ${environment}`] as Line;
}

export const landedIn = (line: Line): number | undefined => line.landings.at(-1)?.version;

/** Rollbacks; then what people asked for, as they asked; then the rest, build by build. */
export function queueOf({ waiting }: Line): Story[] {
  const rollbacks = waiting.filter(({ kind }) => kind === 'rollback');
  const people = waiting.filter(({ kind, by }) => kind === 'promotion' && by !== undefined);
  const others = waiting.filter(({ kind, by }) => kind === 'promotion' && by === undefined);
  return [...rollbacks, ...people, ...others.sort((a, b) => a.version - b.version)];
}

const awaiting = ({ stories }: Promised): Story[] =>
  stories.filter(({ state }) => state === 'awaiting approval');

const deadlineOf = ({ askedAt = 0 }: Story): number => askedAt + PATIENCE;

/** When all of those who are asked by now have run out of time. */
export function lastDeadline(promised: Promised): number {
  return Math.max(promised.now, ...awaiting(promised).map(deadlineOf));
}

/** What follows from a move, until nothing more follows from it. */
export function make(promised: Promised, move: Move): void {
  if (move.do === 'push') push(promised, move.service, move.version);
  else if (move.do === 'ask') ask(promised, move);
  else if (move.do === 'vote') vote(promised, move);
  else wait(promised);
}

function vote(promised: Promised, { by, which, decision }: Of<'vote'>): void {
  const all = awaiting(promised);
  const story = all[which % all.length];
  if (!story || story.votes[by] || !voters(promised, story).includes(by)) return;
  story.votes[by] = decision;
  goOn(promised, story.service, story.environment);
}

function push(promised: Promised, service: string, version: number): void {
  if (promised.released.has(`${service} ${version}`)) return;
  promised.released.add(`${service} ${version}`);
  if (promised.rules.dev.auto) open(promised, { service, environment: 'dev', version });
}

function ask(promised: Promised, move: Of<'ask'>): void {
  const { service, environment, kind, by } = move;
  const from = kind === 'rollback' ? environment : (stageBefore(environment) ?? environment);
  const line = lineOf(promised, service, from);
  const version = move.version ?? (kind === 'rollback' ? fledTo(line) : landedIn(line));
  if (version === undefined || !promised.released.has(`${service} ${version}`)) return;
  open(promised, { service, environment, version, kind, by });
}

/** What was there before whoever brought what is there now, rollbacks not counted. */
function fledTo({ landings }: Line): number | undefined {
  const now = landings.at(-1)?.version;
  const brought = landings.findLastIndex(
    ({ kind, version }, n) =>
      kind === 'promotion' && version === now && n > 0 && landings[n - 1]?.version !== now,
  );
  return landings[brought - 1]?.version;
}

function wait(promised: Promised): void {
  for (const story of awaiting(promised).sort((a, b) => deadlineOf(a) - deadlineOf(b))) {
    promised.now = deadlineOf(story);
    goOn(promised, story.service, story.environment, true);
  }
}

/** Joins its line. Whoever only awaits an approval there looks again if this one may go before it. */
function open(promised: Promised, opening: Pick<Story, Name | 'by'> & Partial<Story>): void {
  const story: Story = { kind: 'promotion', state: 'queued', votes: {}, ...opening };
  const { service, environment, version, kind } = story;
  const { holder, waiting } = lineOf(promised, service, environment);
  promised.stories.push(story);
  waiting.push(story);
  const overtakes =
    promised.rules[environment].strategy === 'latest' && version > (holder?.version ?? 0);
  if (holder === undefined || kind === 'rollback' || overtakes)
    goOn(promised, service, environment);
}

/** Whoever's turn it is goes as far as it may, and so does whoever comes after it. */
function goOn(promised: Promised, service: string, environment: Stage, late = false): void {
  const line = lineOf(promised, service, environment);
  for (let tooLate = late; ; tooLate = false) {
    line.holder ??= queueOf(line)[0];
    const { holder } = line;
    if (holder === undefined) return;
    line.waiting = line.waiting.filter((one) => one !== holder);
    holder.state = judge(promised, holder, line, tooLate);
    if (holder.state === 'awaiting approval') {
      holder.askedAt ??= promised.now;
      return;
    }
    line.holder = undefined;
    if (holder.state === 'promoted') land(promised, line, holder);
  }
}

function land(promised: Promised, line: Line, story: Story): void {
  const { service, environment, version, kind } = story;
  line.landings.push(story);
  const next = STAGES[STAGES.indexOf(environment) + 1];
  if (next !== undefined && kind === 'promotion' && promised.rules[next].auto)
    open(promised, { service, environment: next, version });
}

function judge(promised: Promised, story: Story, line: Line, late: boolean): string {
  const { version, kind, by, votes, environment } = story;
  const { strategy, approval } = promised.rules[environment];
  if (!mayGo(promised, story)) return 'refused';
  const behind = line.waiting.filter((other) => mayGo(promised, other));
  const passed = (landedIn(line) ?? 0) > version && by === undefined;
  const overtaken = behind.some((other) => other.kind === 'promotion' && other.version > version);
  if (kind === 'promotion' && (passed || (strategy === 'latest' && overtaken))) return 'superseded';
  if (approval === undefined) return 'promoted';
  if (voters(promised, story).length < approval.minimum) return 'refused';
  const answers = Object.values(votes);
  if (answers.includes('reject')) return 'rejected';
  if (answers.length >= approval.minimum) return 'promoted';
  if (late) return 'expired';
  const fire = kind === 'promotion' && behind.some((other) => other.kind === 'rollback');
  return fire ? 'superseded' : 'awaiting approval';
}

/** A promotion follows the stage before; a rollback goes where its version was. */
function mayGo(promised: Promised, { service, environment, version, kind }: Story): boolean {
  const from = kind === 'rollback' ? environment : stageBefore(environment);
  if (from === undefined) return true;
  return lineOf(promised, service, from).landings.some((one) => one.version === version);
}

function voters({ rules }: Promised, { environment, by }: Story): readonly string[] {
  const { approval } = rules[environment];
  if (approval === undefined) return [];
  const { approvers, selfApproval } = approval;
  return approvers.filter((person) => selfApproval || person !== by);
}

const stageBefore = (stage: Stage): Stage | undefined => STAGES[STAGES.indexOf(stage) - 1];
