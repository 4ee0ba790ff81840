import type { Promotion } from '../../lambdas/domain/promotion.ts';
import type { ProvisionRun } from '../../lambdas/domain/provision-run.ts';
import { shop } from '../promote/shop.ts';
import { watchAll } from './invariants/index.ts';
import { Broken, promotionOf } from './invariants/invariant.ts';
import type { Kind } from './kinds.ts';
import { Actors } from './world/actors.ts';
import type { SimScaffold } from './world/sim-scaffold.ts';
import { World } from './world/world.ts';

/** Where a story led, without the names and times that chance gave. */
export interface Outcome {
  readonly promotions: readonly string[];
  readonly commits: readonly string[];
  /** What each host runs, and would go back to. */
  readonly hosts: readonly string[];
  /** How the runs of provisioning ended, those of the schedule included. */
  readonly runs: readonly string[];
  /** Where services are, as provisioning says. */
  readonly published: readonly string[];
  /** Messages, by what they are; each once. */
  readonly notices: readonly string[];
  readonly noticesTwice: number;
  readonly left: number;
  /** Calls with an effect, in order. */
  readonly effects: readonly string[];
}

const READS =
  /\.(get|query|read|head|list|secrets|manifest|hasBlob|pull|status|images|application|open|tagged|find|invocations|desired|credential|fingerprintKey)$/;
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
    world.provisioning.schedule();
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
      hosts.map(({ instance, running, goods, scaffold }) =>
        [
          ...[instance, running?.version, ...goods.map(({ version }) => version)],
          ...scaffoldingOf(scaffold),
        ].join(' '),
      ),
    ),
    runs: world.table.contents
      .filter(({ pk, sk }) => pk.startsWith('V#') && sk.startsWith('R#'))
      .map(({ value }) => (value as ProvisionRun).state),
    published: [...world.provisioning.parameters.published.values()].map(({ at: _, ...target }) =>
      JSON.stringify(target),
    ),
    notices: [...new Set(sent)].sort(),
    noticesTwice: sent.length - new Set(sent).size,
    left: world.alarms.set.length,
  };
}

/** A credential is other bytes each time that it is sealed. */
function scaffoldingOf({ parts, records, restarts, pending }: SimScaffold): string[] {
  return [
    ...[...parts].map(([path, seen]) => (path.endsWith('.age') ? path : `${path} ${seen}`)).sort(),
    ...[...records.values()].map((record) => (record as { fingerprint: string }).fingerprint),
    ...restarts.map((service) => `restarted ${service}`),
    ...[...pending].map((service) => `${service} is to be restarted`),
  ];
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
  const endings = [
    ...undisturbed.promotions.map((line) => line.split(' | ')[3]),
    ...new Set(undisturbed.runs),
  ].join(', ');
  return {
    kind: kind.name,
    endings,
    deaths: undisturbed.effects.length,
    effects: ports,
    different,
    noticesTwice,
  };
}
