import * as z from 'zod';
import { Digest } from './digest.ts';
import { PromotionId, Version } from './names.ts';
import type { Landed } from './promotion.ts';
import { type HostOutcome, type HostReport, InstanceId } from './rollout.ts';

/** Characters of `left`. */
const MOST_WORDS = 120;

/**
 * What a host was last seen to do. `unwell`: it runs what it says, and not well. `absent`: it runs nothing. `busy`: somebody
 * was deploying there. `silent`: its agent is online, and it does not answer. `off`: its agent is not online.
 */
export const HostSighting = z.object({
  instance: InstanceId,
  /** Its Name tag. */
  name: z.string().max(256).optional(),
  state: z.enum(['running', 'unwell', 'absent', 'busy', 'silent', 'off']),
  version: Version.optional(),
  digest: Digest.optional(),
  reason: z.string().max(300).optional(),
  /** Who put that version there by hand (`conveyor ssm`): the sweep lets it be. */
  held: z.string().max(200).optional(),
  /** Since when it is seen so. */
  since: z.iso.datetime(),
  /** When its agent was last heard of, where it is off. */
  lastSeen: z.iso.datetime().optional(),
  /** How often this version was brought to it by the sweep. */
  tries: z.object({ version: Version, count: z.int() }).optional(),
  /** Why the last sweep did not bring it to what its environment holds. */
  left: z.string().max(MOST_WORDS).optional(),
  /** People were told that it is so. */
  told: z.boolean().optional(),
});
export type HostSighting = z.infer<typeof HostSighting>;

/** What is seen now, without what is remembered from before. */
export type FreshSighting = Omit<HostSighting, 'since' | 'tries' | 'left' | 'told'>;

/** Hosts that are being asked. */
export const Look = z.object({
  /** When they were. */
  since: z.iso.datetime(),
  /** Who has not answered by then is silent. */
  until: z.iso.datetime(),
  /** What the environment holds by then. */
  landed: PromotionId,
  /** Run Command's ids. */
  commands: z.array(z.string()),
  /** How many were asked. */
  asked: z.int(),
});
export type Look = z.infer<typeof Look>;

/** The same host seen again: how long it has been so, and what was done about it, stays known. Pure. */
export function seenAgain(
  now: FreshSighting,
  before: HostSighting | undefined,
  at: string,
): HostSighting {
  if (before === undefined) return { ...now, since: at };
  const { since, tries, left, told, name } = before;
  const isSame =
    before.state === now.state && before.version === now.version && before.held === now.held;
  // Brought at last, it may be brought again as often.
  const isBrought = now.state === 'running' && tries?.version === now.version;
  return {
    ...(name !== undefined && { name }),
    ...now,
    since: isSame ? since : at,
    ...(tries && !isBrought && { tries }),
    ...(isSame && left !== undefined && { left }),
    ...(isSame && told && { told }),
  };
}

/** The same host, let be for that reason, or for none any more. Pure. */
export function leftFor({ left: _, ...host }: HostSighting, why: string | undefined): HostSighting {
  return why === undefined ? host : { ...host, left: printable(why).slice(0, MOST_WORDS) };
}

/** Whether a host does what the environment holds. */
export function isCurrent(
  { state, version, digest }: Pick<HostSighting, 'state' | 'version' | 'digest'>,
  landed: Pick<Landed, 'version' | 'digest'>,
): boolean {
  return state === 'running' && version === landed.version && digest === landed.digest;
}

/** What a host said when it was asked; undefined where it did not answer. Of another version than wanted it says that it failed. */
export function sightingOf(
  instance: InstanceId,
  report: HostReport | undefined,
  wanted: Version,
  name?: string,
): FreshSighting {
  const named = { instance, ...(name !== undefined && { name: name.slice(0, 256) }) };
  if (report === undefined) return { ...named, state: 'silent' };
  const { state, version, digest, health, held, reason } = report;
  const isOther = state === 'failed' && version !== undefined && version !== wanted;
  const isWell = isOther || (state === 'running' && health !== 'failed');
  return {
    ...named,
    state: isWell ? 'running' : state === 'busy' || state === 'absent' ? state : 'unwell',
    ...(version !== undefined && { version }),
    ...(digest !== undefined && { digest }),
    ...(held !== undefined && { held: printable(held) }),
    ...(!isWell && reason !== '' && { reason: printable(reason) }),
  };
}

/** What a rollout of that version has left a host as; undefined where it was not reached. */
export function sightingAfter(
  { instance, state, version, digest, reason }: HostOutcome,
  wanted: Version,
): FreshSighting | undefined {
  if (state === 'waiting') return undefined;
  if (state === 'late') return { instance, state: 'off' };
  const why = reason === undefined ? {} : { reason: printable(reason) };
  if (state === 'unknown') return { instance, state: 'silent', ...why };
  if (version === undefined) return { instance, state: 'absent', ...why };
  const isWell = state !== 'failed' || version !== wanted;
  const runs = { version, ...(digest !== undefined && { digest }) };
  return { instance, state: isWell ? 'running' : 'unwell', ...runs, ...(!isWell && why) };
}

const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
