import { keys } from '../../lambdas/adapters/table-keys.ts';
import { type Digest, digestOf } from '../../lambdas/domain/digest.ts';
import type { Objects, StoredObject } from '../../lambdas/ports/objects.ts';
import type { MemoryObjects } from '../fakes/memory-objects.ts';
import { resolver } from '../promote/shop.ts';
import { but, type Planted, within, withPorts } from './sabotage.ts';
import type { Scenario } from './scenario.ts';
import type { Run } from './world/functions.ts';
import { RETIRED } from './world/ingress.ts';
import type { Ports, R2Ports } from './world/ports.ts';

const hasAct =
  (does: (act: Scenario['moments'][number]['act']) => boolean) =>
  ({ moments }: Scenario) =>
    moments.some(({ act }) => does(act));

const withR2 = (change: (r2: R2Ports, ports: Ports) => Partial<R2Ports>): ((run: Run) => Run) =>
  withPorts((ports) => {
    const r2 = () => ports.openR2();
    return { openR2: () => ({ ...r2(), ...change(r2(), ports) }) };
  });

const withStore = (change: (store: Objects) => Partial<Objects>): ((run: Run) => Run) =>
  withPorts(({ openStore }) => ({
    openStore: async (place) => {
      const store = await openStore(place);
      return but(store, change(store));
    },
  }));

/** Mistakes with uploads, with the telling of them, and with buckets. */
export const PLANTED_UPLOADS: readonly Planted[] = [
  {
    mistake: 'the ingress answers 200 before it has published',
    breaks: 'what the queue’s worker acknowledges',
    sabotage: within(
      ['ingress'],
      withR2(({ bus }, { clock }) => ({
        bus: {
          put: async (events) => {
            void clock.sleep(1_000).then(() => bus.put(events));
            return [];
          },
        },
      })),
    ),
  },
  {
    mistake: 'a secret that was taken back still holds',
    breaks: 'nothing comes to the bus from R2',
    among: hasAct((act) => act.do === 'attack' && act.how === 'retired secret'),
    sabotage: within(
      ['ingress'],
      withR2(({ secretStore }) => ({
        secretStore: { secrets: async () => [...(await secretStore.secrets()), RETIRED] },
      })),
    ),
  },
  {
    mistake: 'the worker is bound to another bucket than it is told of',
    breaks: 'an upload that is told of is taken in',
    among: ({ services, faults }) =>
      services.includes(resolver) && faults.every(({ kind }) => kind === 'delay'),
    sabotage: within(
      ['r2-worker'],
      withR2(({ cloudflare }) => ({
        cloudflare: { ...cloudflare, releases: { head: async () => null } },
      })),
    ),
  },
  {
    mistake: 'intake believes the digest that the metadata says',
    breaks: 'a release’s digest is that of the bytes',
    among: hasAct((act) => act.do === 'push' && act.says === 'false'),
    sabotage: within(['object-uploaded', 'sweep-source'], believeMetadata),
  },
  {
    mistake: 'intake believes an event that there is an object, and asks no bucket',
    breaks: 'what was never uploaded',
    among: hasAct((act) => act.do === 'attack' && act.how === 'false event'),
    sabotage: within(['object-uploaded'], believeEvent),
  },
  {
    mistake: 'a sweep does not list R2',
    breaks: 'every push is a release',
    among: hasAct((act) => act.do === 'push' && act.service === resolver && act.event === 'never'),
    sabotage: within(
      ['sweep-source'],
      withPorts(({ openStore }) => ({
        openStore: async (place) => {
          const store = await openStore(place);
          return place.bucket === 'shop-releases' ? but(store, { list: async () => [] }) : store;
        },
      })),
    ),
  },
  {
    mistake:
      'the ingress forgets what it was told, and intake takes the second telling for a first',
    breaks: 'told however often',
    sabotage: (run, { name }) =>
      name === 'ingress' ? forgetRequests(run) : name === 'object-uploaded' ? forget(run) : run,
  },
  {
    mistake: 'a copy is written over what is there',
    breaks: 'what Conveyor puts into an environment’s bucket',
    among: hasAct((act) => act.do === 'taint' && /relay|resolver/.test(act.service)),
    sabotage: within(['copy-tarball'], withStore(overwrite)),
  },
  {
    mistake: 'a copy does not say what is in its way',
    breaks: 'where other bytes are in the bucket',
    among: hasAct((act) => act.do === 'taint' && /relay|resolver/.test(act.service)),
    sabotage: within(
      ['copy-tarball'],
      withStore((store) => ({
        head: async (key) => {
          const there = await store.head(key);
          if (there === undefined || there.facts.commit !== undefined) return there;
          const { digest: _, ...rest } = there;
          return rest;
        },
      })),
    ),
  },
];

/** Its content is read, and nobody looks at what it is. */
function believeMetadata(run: Run): Run {
  let said: Digest | undefined;
  const seen = withStore((store) => ({
    head: async (key) => {
      const object = await store.head(key);
      said = object?.digest;
      return object;
    },
  }))(run);
  const { inspect } = run.ports;
  return withPorts(() => ({
    inspect: async (content, limits) => {
      const facts = await inspect(content, limits);
      return { ...facts, digest: said ?? facts.digest };
    },
  }))(seen);
}

function believeEvent(run: Run): Run {
  const made = (key: string): StoredObject => {
    return { key, bytes: 1, etag: 'as-told', facts: {}, at: run.ports.clock.now().toISOString() };
  };
  const digest = digestOf('as-told');
  const facts = { digest, bytes: 1, contentDigest: digest, entries: 1, unpackedBytes: 1 };
  const store = withStore(({ head }) => ({ head: async (key) => (await head(key)) ?? made(key) }));
  return withPorts(() => ({ inspect: async () => facts }))(store(run));
}

function forgetRequests(run: Run): Run {
  const { table } = run.ports;
  return withPorts(() => ({
    table: but(table, {
      get: async (key) => (key.pk.startsWith('N#') ? undefined : table.get(key)),
    }),
  }))(run);
}

function forget(run: Run): Run {
  const { releases, table } = run.ports;
  return withPorts(() => ({
    releases: but(releases, {
      admit: async (release, promotion) => {
        const key = keys.release(release.service, release.version);
        await table.write([{ ...key, expected: 'any', value: undefined }]);
        return releases.admit(release, promotion);
      },
    }),
  }))(run);
}

function overwrite(store: Objects): Partial<Objects> {
  return {
    head: async (key) => {
      const there = await store.head(key);
      return there?.facts.commit === undefined ? undefined : there;
    },
    copyFrom: async () => 'out-of-reach',
    create: async (key, content, { digest, facts }) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      await (store as MemoryObjects).put(key, Buffer.concat(chunks), digest, facts);
      return true;
    },
  };
}
