import type { LedgerDiff, PromotionKind } from '../domain/promotion.ts';

/** What a commit in the Ledger says about its promotion. */
export interface LedgerPromotion {
  readonly id: string;
  readonly kind?: PromotionKind;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly digest: string;
  readonly requestedBy: string;
  readonly approvedBy: readonly string[];
  readonly reason?: string | undefined;
  /** No commit of this promotion can be older. */
  readonly createdAt: Date;
}

const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
const CHANGE = new RegExp(
  `^- (?<path>.+):(?<line>\\d+) (?<key>\\S+) (?<before>${QUOTED}) -> (?<after>${QUOTED})$`,
  'gm',
);

/** Subject, reason, the lines changed, and last the trailers that tell a retry of its own commit. */
export function composeMessage(promotion: LedgerPromotion, changes: readonly LedgerDiff[]): string {
  const { service, environment, version, reason, kind } = promotion;
  const before = changes.find(({ after }) => after === version)?.before;
  const step = before ? `${brief(before)} -> ${brief(version)}` : brief(version);
  const trailers = [
    ['Conveyor-Promotion', promotion.id],
    ['Conveyor-Digest', promotion.digest],
    ['Conveyor-Requested-By', promotion.requestedBy],
    ...promotion.approvedBy.map((name) => ['Conveyor-Approved-By', name]),
  ].map(([name, value]) => `${name}: ${oneLine(value ?? '')}`);
  const paragraphs = [
    oneLine(`${kind === 'catch-up' ? kind : 'promote'}(${environment}): ${service} ${step}`),
    oneLine(reason ?? ''),
    changes.map(describeChange).join('\n'),
    trailers.join('\n'),
  ];
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
}

/** Whether a commit is this promotion's own: by trailer, as `git interpret-trailers` finds them, not by substring. */
export function isCommitOf(promotion: string, message: string): boolean {
  const paragraphs = paragraphsOf(message);
  if (paragraphs.length < 2) return false;
  const lines = paragraphs.at(-1)?.split('\n') ?? [];
  return lines.some((line) => {
    const [, name, value] = /^([A-Za-z0-9-]+)[ \t]*:(.*)$/.exec(line) ?? [];
    return name?.toLowerCase() === 'conveyor-promotion' && value?.trim() === promotion;
  });
}

/** The changes that a message of ours lists: what a retry reports when it finds its own commit. */
export function changesIn(message: string): LedgerDiff[] {
  const listed = paragraphsOf(message).at(-2) ?? '';
  return [...listed.matchAll(CHANGE)].map(({ groups = {} }) => ({
    path: groups.path ?? '',
    line: Number(groups.line),
    key: groups.key ?? '',
    before: JSON.parse(groups.before ?? '""') as string,
    after: JSON.parse(groups.after ?? '""') as string,
  }));
}

function paragraphsOf(message: string): string[] {
  return message
    .replaceAll('\r\n', '\n')
    .trim()
    .split(/\n[ \t]*\n/);
}

function describeChange({ path, line, key, before, after }: LedgerDiff): string {
  return `- ${path}:${line} ${key} ${JSON.stringify(before)} -> ${JSON.stringify(after)}`;
}

/** A full git SHA says no more to people than its beginning. */
function brief(version: string): string {
  return /^[0-9a-f]{40}$/.test(version) ? version.slice(0, 12) : version;
}

/** A line break in somebody's words must not become a trailer or a paragraph of ours. */
function oneLine(words: string): string {
  return words.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
