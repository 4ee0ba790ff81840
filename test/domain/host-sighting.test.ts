import { describe, expect, it } from 'vitest';
import { digestOf } from '../../lambdas/domain/digest.ts';
import {
  type FreshSighting,
  HostSighting,
  isCurrent,
  leftFor,
  seenAgain,
  sightingAfter,
  sightingOf,
} from '../../lambdas/domain/host-sighting.ts';
import { Version } from '../../lambdas/domain/names.ts';
import type { HostReport } from '../../lambdas/domain/rollout.ts';
import { instanceId } from '../fakes/memory-fleet.ts';

const [NOON, ONE] = ['2026-03-01T12:00:00.000Z', '2026-03-01T13:00:00.000Z'];
const [version, other] = [Version.parse('a'.repeat(40)), Version.parse('b'.repeat(40))];
const digest = digestOf('a');
const instance = instanceId(1);
const runs: FreshSighting = { instance, state: 'running', version, digest };
const known: HostSighting = {
  ...runs,
  name: 'web-1',
  since: NOON,
  tries: { version: other, count: 2 },
  left: 'in vain',
  told: true,
};

describe('what is remembered of a host', () => {
  it.each(['running', 'unwell', 'absent', 'busy', 'silent', 'off'])('is read back: %s', (state) => {
    const kept = { ...known, state, reason: 'r', held: 'h', lastSeen: NOON };

    expect(HostSighting.parse(kept)).toStrictEqual(kept);
  });

  it.each([
    ['name', 257],
    ['reason', 301],
    ['held', 201],
    ['left', 121],
  ])('has an end: %s', (name, length) => {
    const of = (text: string) => HostSighting.safeParse({ ...known, [name]: text }).success;

    expect([of('x'.repeat(length - 1)), of('x'.repeat(length))]).toStrictEqual([true, false]);
  });
});

describe('a host that is seen again', () => {
  it('is new where nobody saw it before', () => {
    expect(seenAgain(runs, undefined, ONE)).toStrictEqual({ ...runs, since: ONE });
  });

  it('keeps all that is known of it where it is as it was', () => {
    expect(seenAgain(runs, known, ONE)).toStrictEqual(known);
    expect(seenAgain({ ...runs, name: 'web-2' }, known, ONE).name).toBe('web-2');
    expect(seenAgain(runs, { ...runs, since: NOON }, ONE)).toStrictEqual({ ...runs, since: NOON });
  });

  it.each<[string, Partial<FreshSighting>]>([
    ['another state', { state: 'silent' }],
    ['another version', { version: Version.parse('c'.repeat(40)) }],
    ['another hand', { held: 'alice' }],
  ])('is another matter with %s: since now, and nobody was told', (_, change) => {
    const seen = seenAgain({ ...runs, ...change, state: change.state ?? 'running' }, known, ONE);

    expect(seen.since).toBe(ONE);
    expect([seen.left, seen.told]).toStrictEqual([undefined, undefined]);
    expect(seen.tries).toStrictEqual(known.tries);
  });

  it('is brought to a version once it runs that: it may be brought there as often again', () => {
    const before = { ...known, state: 'absent' as const, tries: { version, count: 2 } };

    expect(seenAgain(runs, before, ONE).tries).toBeUndefined();
    expect(seenAgain({ ...runs, state: 'unwell' }, before, ONE).tries).toStrictEqual(before.tries);
  });
});

describe('why a host is let be', () => {
  it('is kept in what can be printed, and not for longer than it is so', () => {
    expect(leftFor(known, `é${'x'.repeat(200)}`).left).toBe(`?${'x'.repeat(119)}`);
    expect(leftFor(known, undefined)).not.toHaveProperty('left');
    expect(leftFor(known, undefined).told).toBe(true);
  });
});

describe('a host does what its environment holds', () => {
  it('where it runs that version, in those bytes, well', () => {
    const landed = { version, digest };

    expect(isCurrent(runs, landed)).toBe(true);
    expect(isCurrent({ ...runs, state: 'unwell' }, landed)).toBe(false);
    expect(isCurrent({ ...runs, version: other }, landed)).toBe(false);
    expect(isCurrent({ ...runs, digest: digestOf('b') }, landed)).toBe(false);
  });
});

describe('what a host says when it is asked', () => {
  const said = (change: Partial<HostReport>): HostReport =>
    ({ action: 'observe', state: 'running', version, digest, reason: '', ...change }) as HostReport;

  it.each<[string, Partial<HostReport>, Partial<FreshSighting>]>([
    ['it runs it', {}, runs],
    ['its health check passed', { health: 'passed' }, runs],
    [
      'its health check failed',
      { health: 'failed', reason: 'no answer' },
      { ...runs, state: 'unwell', reason: 'no answer' },
    ],
    [
      'it runs another, which is all that is wrong',
      { state: 'failed', version: other, reason: 'not it' },
      { ...runs, version: other },
    ],
    [
      'it runs another, and not well',
      { health: 'failed', version: other },
      { ...runs, state: 'unwell', version: other },
    ],
    ['it failed', { state: 'failed', reason: 'é' }, { ...runs, state: 'unwell', reason: '?' }],
    ['it refused', { state: 'refused' }, { ...runs, state: 'unwell' }],
    [
      'it failed and runs nothing',
      { state: 'failed', version: undefined, digest: undefined },
      { instance, state: 'unwell' },
    ],
    [
      'nothing is there',
      { state: 'absent', version: undefined, digest: undefined },
      { instance, state: 'absent' },
    ],
    ['somebody is at work', { state: 'busy' }, { ...runs, state: 'busy' }],
    ['somebody put it there', { held: 'alice' }, { ...runs, held: 'alice' }],
  ])('%s', (_, change, sighting) => {
    expect(sightingOf(instance, said(change), version)).toStrictEqual(sighting);
  });

  it('is its name beside it, and no answer where there is none', () => {
    expect(sightingOf(instance, undefined, version, 'n'.repeat(300))).toStrictEqual({
      instance,
      name: 'n'.repeat(256),
      state: 'silent',
    });
    expect(
      sightingOf(instance, said({ state: 'failed', reason: 'r'.repeat(400) }), version),
    ).toStrictEqual({ ...runs, state: 'unwell', reason: 'r'.repeat(300) });
  });
});

describe('what a rollout has left a host as', () => {
  const after = (change: object) =>
    sightingAfter({ instance, state: 'promoted', version, digest, ...change } as never, version);

  it.each<[string, object, Partial<FreshSighting> | undefined]>([
    ['nothing is known of who was not reached', { state: 'waiting' }, undefined],
    ['off, where it could not be', { state: 'late' }, { instance, state: 'off' }],
    ['running what it was brought', {}, runs],
    [
      'silent, where it did not answer',
      { state: 'unknown', reason: 'gone' },
      { instance, state: 'silent', reason: 'gone' },
    ],
    [
      'absent, where it runs nothing',
      { state: 'failed', version: undefined, reason: 'no' },
      { instance, state: 'absent', reason: 'no' },
    ],
    [
      'unwell, where it runs it and failed',
      { state: 'failed', reason: 'sick' },
      { ...runs, state: 'unwell', reason: 'sick' },
    ],
    [
      'running, where it is back on its own',
      { state: 'failed', version: other, digest: undefined, reason: 'sick' },
      { instance, state: 'running', version: other },
    ],
    ['running, where it was restored', { state: 'restored', reason: 'sick' }, runs],
  ])('%s', (_, change, sighting) => {
    expect(after(change)).toStrictEqual(sighting);
  });
});
