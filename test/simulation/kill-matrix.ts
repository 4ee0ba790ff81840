import type { Promotion } from '../../lambdas/domain/promotion.ts';
import { beacon, type Changes, dagster, relay, resolver, shop } from '../promote/shop.ts';
import type { Act } from './acts.ts';
import type { FleetDraw, HostDraw } from './draw-fleets.ts';
import { watchAll } from './invariants/index.ts';
import { Broken, promotionOf } from './invariants/invariant.ts';
import { Actors } from './world/actors.ts';
import { World } from './world/world.ts';

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
];

/** The same of a service's hosts: two that run older releases, and one that runs nothing. */
function onHosts(what: string, service: string): readonly Kind[] {
  const host = (zone: string, more: Partial<HostDraw> = {}): HostDraw => {
    return { zone, isOn: true, mishaps: [], ...more };
  };
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

/** Where a story led, without the names and times that chance gave. */
export interface Outcome {
  readonly promotions: readonly string[];
  readonly commits: readonly string[];
  /** What each host runs, and would go back to. */
  readonly hosts: readonly string[];
  /** Messages, by what they are; each once. */
  readonly notices: readonly string[];
  readonly noticesTwice: number;
  readonly left: number;
  /** Calls with an effect, in order. */
  readonly effects: readonly string[];
}

const READS =
  /\.(get|query|read|head|list|secrets|manifest|hasBlob|pull|status|images|application|open|tagged|find|invocations)$/;
const MINUTE = 60_000;

/** Plays one kind; where `dieAfter` is given, the process that has that effect dies before its reply. */
export async function play(
  { changes, services, fleets = [], acts }: Kind,
  dieAfter?: number,
): Promise<Outcome> {
  const world = new World({ seed: 1, config: shop(changes, services), fleets, shuffled: false });
  const actors = new Actors(world, changes, {
    readMail: false,
    ...(services !== undefined && { services }),
  });
  world.pushed = actors.pushed;
  const effects: string[] = [];
  let watching = false;
  world.watchers.push(({ process, port, method }) => {
    const call = `${port}.${method}`;
    if (!watching || READS.test(call)) return;
    if (effects.length === dieAfter) process.die();
    effects.push(`${process.name} ${call}`);
  });
  const looks = watchAll(world);
  world.sweep();
  await world.loop.run(world.startedAt + MINUTE);
  watching = true;
  for (const act of acts) {
    world.loop.spawn(() => actors.act(act));
    await world.loop.run(world.loop.now() + 8 * MINUTE);
  }
  // Expiry is an hour away; a sweep sets going again what a death has left.
  for (let round = 0; round < 3; round++) {
    world.sweep();
    await world.loop.run(world.loop.now() + 61 * MINUTE);
  }
  looks.atEnd();
  return { ...outcomeOf(world), effects };
}

function outcomeOf(world: World): Omit<Outcome, 'effects'> {
  const records = world.records();
  const nameOf = new Map(records.map((record, n) => [record.id as string, `${n + 1}`]));
  const sent = world.notices.sent.map(({ to, id }) => `${to} ${rename(id, nameOf)}`);
  return {
    promotions: records.map((record) => describe(record)),
    commits: world.ledger
      .log()
      .flatMap(({ message }) => (promotionOf(message) ? [message.split('\n')[0] ?? ''] : [])),
    hosts: Object.values(world.fleets).flatMap(({ hosts }) =>
      hosts.map(({ instance, running, goods }) =>
        [instance, running?.version, ...goods.map(({ version }) => version)].join(' '),
      ),
    ),
    notices: [...new Set(sent)].sort(),
    noticesTwice: sent.length - new Set(sent).size,
    left: world.alarms.set.length,
  };
}

function describe({ environment, version, kind, state, steps, cause }: Promotion): string {
  const votes = steps.approval?.votes.map(({ person, decision }) => `${person} ${decision}`) ?? [];
  const done = Object.keys(steps).sort().join(' ');
  return [environment, version, kind, state, cause?.code ?? '', done, ...votes].join(' | ');
}

function rename(id: string, names: ReadonlyMap<string, string>): string {
  return id.replace(/p_[0-9A-Z]{26}/g, (promotion) => names.get(promotion) ?? promotion);
}

export interface Row {
  readonly kind: string;
  /** Of the promotions, in the undisturbed run. */
  readonly endings: string;
  /** Effects, each of which was died after once. */
  readonly deaths: number;
  /** By port. */
  readonly effects: Readonly<Record<string, number>>;
  /** Deaths after which something was different in the end. */
  readonly different: readonly string[];
  /** Most messages that somebody got twice because of one death. */
  readonly noticesTwice: number;
}

/** Dies once after every effect of a kind, or after every so manyth, and compares. */
export async function killEverywhere(kind: Kind, step = 1): Promise<Row> {
  const undisturbed = await play(kind);
  const different: string[] = [];
  let noticesTwice = 0;
  const first = kind.name.length % Math.min(step, undisturbed.effects.length);
  for (let k = first; k < undisturbed.effects.length; k += step) {
    const what = `after effect ${k}, ${undisturbed.effects[k]}`;
    try {
      const { effects: _, noticesTwice: twice, ...outcome } = await play(kind, k);
      const { effects: __, noticesTwice: ___, ...wanted } = undisturbed;
      noticesTwice = Math.max(noticesTwice, twice);
      if (JSON.stringify(outcome) !== JSON.stringify(wanted))
        different.push(`${what}: ${JSON.stringify(outcome)}`);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      different.push(`${what}: ${error.message}`);
    }
  }
  const ports: Record<string, number> = {};
  for (const effect of undisturbed.effects) {
    const port = effect.split(' ')[1]?.split('.')[0] ?? '';
    ports[port] = (ports[port] ?? 0) + 1;
  }
  const endings = undisturbed.promotions.map((line) => line.split(' | ')[3]).join(', ');
  return {
    kind: kind.name,
    endings,
    deaths: undisturbed.effects.length,
    effects: ports,
    different,
    noticesTwice,
  };
}
