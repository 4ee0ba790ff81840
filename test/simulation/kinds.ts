import { beacon, type Changes, dagster, relay, resolver } from '../promote/shop.ts';
import type { Act } from './acts.ts';
import type { FleetDraw, HostDraw } from './draw-fleets.ts';

/** What is done in one story, one after the other, each when the one before has come to rest. */
export interface Kind {
  readonly name: string;
  readonly changes: Changes;
  /** @default payments and orders */
  readonly services?: readonly string[];
  /** @default none */
  readonly fleets?: readonly FleetDraw[];
  readonly acts: readonly Act[];
}

const PROD = {
  promotion: 'manual',
  approval: { approvers: ['li', 'tom'], minimum: 2, expires: '1h' },
  argocd: { sync: 'manual' },
};
const push = (
  version: string,
  event: 'once' | 'twice' | 'never' = 'once',
  service = 'payments',
): Act => ({ do: 'push', service, version, event });
const ask = (
  environment: string,
  kind: 'promotion' | 'rollback' = 'promotion',
  service = 'payments',
): Act => ({
  do: 'ask',
  service,
  environment,
  by: 'raj',
  kind,
  times: 1,
});
const vote = (by: string, decision: 'approve' | 'reject' = 'approve'): Act => ({
  do: 'vote',
  by,
  which: 0,
  decision,
});
const upToProd = [push('41'), ask('qa'), ask('prod')];
const landed = [...upToProd, vote('li'), vote('tom')];
const base = { dev: { promotion: 'auto', strategy: 'every' }, qa: {}, prod: PROD };

/** Every kind of promotion there is, by how it begins and how it ends. */
export const KINDS: readonly Kind[] = [
  { name: 'automatic, where it was built', changes: base, acts: [push('41')] },
  { name: 'found by the sweep', changes: base, acts: [push('41', 'never'), { do: 'sweep' }] },
  { name: 'asked for, with a copy', changes: base, acts: [push('41'), ask('qa')] },
  {
    name: 'offered by the stage before',
    changes: { ...base, qa: { promotion: 'auto' } },
    acts: [push('41')],
  },
  { name: 'approved by two', changes: base, acts: landed },
  { name: 'rejected', changes: base, acts: [...upToProd, vote('li', 'reject')] },
  { name: 'expired', changes: base, acts: [...upToProd, vote('li')] },
  { name: 'refused', changes: base, acts: [push('41'), { ...ask('prod'), version: '41' } as Act] },
  {
    name: 'one behind the other',
    changes: base,
    acts: [...upToProd, ask('prod'), vote('li'), vote('tom')],
  },
  {
    name: 'superseded by a newer one',
    changes: { ...base, prod: { ...PROD, strategy: 'latest' } },
    acts: [...upToProd, push('42'), ask('qa'), ask('prod'), vote('li'), vote('tom')],
  },
  {
    name: 'rolled back by another',
    changes: base,
    acts: [
      ...landed,
      push('42'),
      ask('qa'),
      ask('prod'),
      vote('li'),
      vote('tom'),
      ask('prod', 'rollback'),
      vote('li'),
      vote('tom'),
    ],
  },
  {
    name: 'failed: other bytes under its tag',
    changes: base,
    acts: [
      { do: 'taint', environment: 'qa', service: 'payments', version: '41' },
      push('41'),
      ask('qa'),
    ],
  },
  {
    name: 'refused push',
    changes: base,
    acts: [{ do: 'odd push', service: 'payments', tag: 'latest' }],
  },
  ...ofTarballs('S3', relay),
  ...ofTarballs('R2', resolver),
  ...onHosts('systemd', beacon),
  ...onHosts('compose', dagster),
  ...ofProvisioning(),
];

function host(zone: string, more: Partial<HostDraw> = {}): HostDraw {
  return { zone, isOn: true, mishaps: [], ...more };
}

/** The same of a service's hosts: two that run older releases, and one that runs nothing. */
function onHosts(what: string, service: string): readonly Kind[] {
  const well = [host('a', { before: 'a' }), host('b', { before: 'b' }), host('c')];
  const ill = [...well.slice(1), host('d', { before: 'c', mishaps: ['unhealthy'] })];
  const kind = (name: string, hosts: readonly HostDraw[], ...acts: readonly Act[]): Kind => {
    const changes = { ...base, [service]: { rollout: { canary: 1, atOnce: 2 } } };
    const fleets = [{ service, environment: 'dev', hosts }];
    return { name: `${what} on hosts: ${name}`, changes, services: [service], fleets, acts };
  };
  const arrive = (version: string) => push(version, 'once', service);
  const off: Act = { do: 'host', environment: 'dev', which: 2, what: 'off', minutes: 30 };
  return [
    kind('all run it', well, arrive('41')),
    kind('one fails, and all go back', ill, arrive('41')),
    kind('one was off, and the sweep brings it', well, off, arrive('41')),
    kind(
      'rolled back by another',
      well,
      arrive('41'),
      arrive('42'),
      ask('dev', 'rollback', service),
    ),
  ];
}

/** The same of a service's tarballs. */
function ofTarballs(store: string, service: string): readonly Kind[] {
  const kind = (name: string, ...acts: readonly Act[]): Kind => {
    return { name: `tarball in ${store}: ${name}`, changes: base, services: [service], acts };
  };
  const arrive = push('41', 'once', service);
  const asked = (environment: string) => ask(environment, 'promotion', service);
  const taint: Act = { do: 'taint', environment: 'qa', service, version: '41' };
  return [
    kind('told of', arrive),
    kind('told of twice', push('41', 'twice', service)),
    kind('found by the sweep', push('41', 'never', service), { do: 'sweep' }),
    kind('approved by two', arrive, asked('qa'), asked('prod'), vote('li'), vote('tom')),
    kind('failed: other bytes in the bucket', taint, arrive, asked('qa')),
    kind('refused: not what its metadata says', { ...arrive, says: 'false' } as Act),
  ];
}

/** What hosts are to have is declared, changed and withdrawn. */
function ofProvisioning(): readonly Kind[] {
  const environment = 'dev';
  const on = { environment, service: beacon };
  const hosts = [host('a', { before: 'a' }), host('b')];
  const kind = (name: string, ...acts: readonly Act[]): Kind => {
    const fleets = [{ service: beacon, environment, hosts }];
    return { name: `provisioning: ${name}`, changes: base, services: [beacon], fleets, acts };
  };
  const credential: Act = { do: 'credential', ...on, n: 0, told: 'never' };
  const declare = (n: number, told: 'once' | 'twice' = 'once'): Act => ({
    ...{ do: 'declare', ...on, told },
    provision: {
      ...{ restart: true, credential: true },
      ...{ variables: { MARK: `mark-${n}` }, unit: { description: `as declared ${n}` } },
    },
  });
  const gone: Act = { do: 'declare', ...on, provision: 'gone', told: 'once' };
  const off: Act = { do: 'host', environment, which: 1, what: 'off', minutes: 30 };
  const replaced: Act = { do: 'credential', ...on, n: 1, told: 'once' };
  return [
    kind('hosts become as declared', credential, declare(1)),
    kind('two starts at once', credential, declare(1, 'twice')),
    kind('changed, while a host is off', credential, declare(1), off, declare(2)),
    kind('another credential', credential, declare(1), replaced),
    kind('declared no longer', credential, declare(1), gone),
  ];
}
