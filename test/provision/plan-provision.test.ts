import { describe, expect, it } from 'vitest';
import type { Fingerprint } from '../../lambdas/provision/credential.ts';
import type { DeclaredService } from '../../lambdas/provision/declared-service.ts';
import { type PlanRow, planProvision } from '../../lambdas/provision/plan-provision.ts';
import { ProvisionReport } from '../../lambdas/provision/provision-report.ts';
import {
  declared,
  fingerprint,
  nothingThere,
  OTHER_KEY,
  places,
  provisioned,
  SEALED,
  service,
} from './provisioned.ts';

const planFor = (
  seen: object | undefined,
  what: { declared?: DeclaredService; fingerprint?: Fingerprint } = { declared, fingerprint },
): PlanRow | undefined =>
  planProvision({
    service,
    ...what,
    hosts: [{ host: 'i-1', ...(seen && { report: ProvisionReport.parse(seen) }) }],
  })[0];

const without = (path: string) => {
  const { [path]: _, ...parts } = provisioned.parts;
  return { ...provisioned, parts };
};
const withPart = (path: string, seen: string) => ({
  ...provisioned,
  parts: { ...provisioned.parts, [path]: seen },
});

describe('a plan for a host', () => {
  it('that is as declared has nothing to do', () => {
    expect(planFor(provisioned)).toMatchObject({ action: 'none', changes: [], seal: false });
  });

  it('that has nothing creates every part, and seals the credential', () => {
    const row = planFor(nothingThere);

    expect(row).toMatchObject({ action: 'create', seal: true });
    const { credential, ...others } = places;
    for (const path of [credential, others.folder, others.data, others.descriptor, others.unitFile])
      expect(row?.changes).toContainEqual(
        expect.objectContaining({ part: path, change: 'create' }),
      );
  });

  it.each([
    [
      'another descriptor',
      { ...declared, descriptor: { ...declared.descriptor, port: 1 } },
      [places.descriptor],
    ],
    ['another bootstrap', { ...declared, bootstrap: 'x' }, ['/usr/local/lib/conveyor/bootstrap']],
    [
      'another unit',
      { ...declared, unit: { ...declared.unit, openFiles: 64 } },
      [places.unitFile, 'unit'],
    ],
  ])('names what differs with %s, and nothing else', (_, other, parts) => {
    const row = planFor(provisioned, { declared: other, fingerprint });

    expect(row?.action).toBe('change');
    expect(row?.changes.map(({ part }) => part)).toEqual(parts);
  });

  it.each([
    ['a part that is gone', without(places.descriptor), places.descriptor, 'create'],
    ['an owner', withPart(places.folder, 'directory root:root 0750'), places.folder, 'owner'],
    [
      'a mode',
      withPart(places.unitFile, `${provisioned.parts[places.unitFile]?.replace('0644', '0666')}`),
      places.unitFile,
      'owner',
    ],
    ['a link in its place', withPart(places.unitFile, 'link'), places.unitFile, 'content'],
    [
      'a unit that is not enabled',
      { ...provisioned, unit: { ...provisioned.unit, enabled: 'disabled' } },
      'unit',
      'enable',
    ],
    [
      'a unit that is not read',
      { ...provisioned, unit: { ...provisioned.unit, reload: 'yes' } },
      'unit',
      'reload',
    ],
    [
      'a process that is older than its unit',
      { ...provisioned, restartPending: true },
      'unit',
      'restart',
    ],
  ])('sees %s', (_, seen, part, change) => {
    expect(planFor(seen)).toMatchObject({ action: 'change', seal: false });
    expect(planFor(seen)?.changes).toContainEqual(expect.objectContaining({ part, change }));
  });

  it('speaks of a restart only where something runs', () => {
    const changed = { ...declared, unit: { ...declared.unit, openFiles: 64 } };
    const idle = { ...provisioned, unit: { ...provisioned.unit, active: 'inactive' } };

    expect(planFor(idle, { declared: changed, fingerprint })?.changes).toEqual([
      expect.objectContaining({ part: places.unitFile }),
    ]);
  });

  it.each([
    ['there is none', { ...without(places.credential), credential: null }],
    [
      'its content is another',
      {
        ...provisioned,
        credential: { ...provisioned.credential, fingerprint: `hmac-sha256:${'b'.repeat(64)}` },
      },
    ],
    ['the host has another key', { ...provisioned, hostKey: OTHER_KEY }],
    [
      'the file is not the one that came',
      withPart(places.credential, `file root:root 0600 ${'d'.repeat(64)}`),
    ],
    ['nobody noted what came', { ...provisioned, credential: null }],
    ['others may read it', withPart(places.credential, `file root:root 0644 ${SEALED}`)],
  ])('seals the credential when %s', (_, seen) => {
    expect(planFor(seen)).toMatchObject({ action: 'change', seal: true });
  });

  it('takes a credential away that is declared no longer, and seals none', () => {
    expect(planFor(provisioned, { declared })).toMatchObject({
      action: 'change',
      seal: false,
      changes: [{ part: places.credential, change: 'remove' }],
    });
  });

  it('of a service that is declared no longer removes it, and says what stays', () => {
    expect(planFor(provisioned, {})).toMatchObject({
      action: 'remove',
      keeps: [places.folder, places.user],
    });
    expect(planFor(nothingThere, {})).toMatchObject({ action: 'none', keeps: [] });
  });

  it.each([
    ['did not answer', undefined, 'the host did not answer'],
    ['lacks a command', { ...provisioned, missing: ['age'] }, 'the host lacks age'],
    ['has no key', { ...provisioned, hostKey: null }, 'the host has no key to encrypt to'],
    ['is busy', { ...provisioned, state: 'busy', reason: 'another run' }, 'another run'],
    [
      'could not even look',
      { schema: 1, service: '', state: 'failed', reason: 'missing on this host: jq', took: 0 },
      'missing on this host: jq',
    ],
  ])('that %s is blocked, and says why', (_, seen, blockedBy) => {
    expect(planFor(seen)).toMatchObject({ action: 'blocked', blockedBy, changes: [], seal: false });
  });

  it('can remove from a host that lacks age', () => {
    expect(planFor({ ...provisioned, missing: ['age'], hostKey: null }, {})?.action).toBe('remove');
  });
});
