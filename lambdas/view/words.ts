import type { Digest } from '../domain/digest.ts';
import { shortDigest } from '../domain/digest.ts';
import type { Actor, Promotion, PromotionState } from '../domain/promotion.ts';
import { plain } from './plain.ts';

/** How a state looks: never by colour alone (WCAG 1.4.1), so a mark and the word stand beside the tone. */
export type Tone = 'good' | 'bad' | 'waiting' | 'moving' | 'still';

/** People who are known by name; the rest of the configuration is not a matter of words. */
export interface Names {
  readonly people: Readonly<Record<string, { readonly name: string }>>;
}

const LOOKS: Readonly<Record<PromotionState, { mark: string; tone: Tone }>> = {
  queued: { mark: '⏸', tone: 'waiting' },
  checking: { mark: '◐', tone: 'moving' },
  'awaiting approval': { mark: '⏸', tone: 'waiting' },
  copying: { mark: '◐', tone: 'moving' },
  landing: { mark: '◐', tone: 'moving' },
  observing: { mark: '◐', tone: 'moving' },
  promoted: { mark: '●', tone: 'good' },
  superseded: { mark: '◌', tone: 'still' },
  rejected: { mark: '⊘', tone: 'still' },
  expired: { mark: '⊘', tone: 'still' },
  refused: { mark: '⊘', tone: 'still' },
  quarantined: { mark: '⊘', tone: 'bad' },
  failed: { mark: '✕', tone: 'bad' },
  aborted: { mark: '✕', tone: 'bad' },
  'rolled back': { mark: '✕', tone: 'bad' },
};

export function stateLook(state: PromotionState): {
  word: PromotionState;
  mark: string;
  tone: Tone;
} {
  return { word: state, ...LOOKS[state] };
}

/** A person by name, a principal by what is readable of its ARN, Conveyor as itself. */
export function actorWords(actor: Actor, names?: Names): string {
  if ('automatic' in actor) return `Conveyor (${actor.automatic})`;
  return actor.person === undefined
    ? plain(afterColons(actor.principal))
    : personWords(actor.person, names);
}

export function personWords(person: string, names?: Names): string {
  const known =
    names !== undefined && Object.hasOwn(names.people, person) ? names.people[person] : undefined;
  return plain(known?.name ?? person);
}

const afterColons = (arn: string) => arn.split(':').slice(5).join(':') || arn;

/** Enough of an id to type; its 12 characters after `p_` are the time and two of chance. */
export const shortId = (promotion: Pick<Promotion, 'id'>) => promotion.id.slice(0, 14);

/** A whole SHA is more than anybody reads; what is no SHA stays as it is. */
export const versionWords = (version: string) =>
  /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(version) ? version.slice(0, 12) : version;

export const digestWords = (digest: Digest) => `sha256:${shortDigest(digest)}…`;

/** `412 MB`: decimal units, as registries bill them. */
export function bytesWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** `Ana, Li and Tom`. */
export function listWords(items: readonly string[], last = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`;
}

export const countWords = (count: number, one: string, many = `${one}s`) =>
  `${count} ${count === 1 ? one : many}`;
