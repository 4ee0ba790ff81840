import { isTarball } from '../../promote/shop.ts';
import type { Invariant } from './invariant.ts';

const keyIn = (body: unknown) => (body as { object?: { key?: string } } | undefined)?.object?.key;

export const acknowledgedIsTold: Invariant = {
  name: 'what the queue’s worker acknowledges is on the bus by then, or among the dead letters',
  watch(world, broken) {
    const { queue, bus, deadLetters } = world.r2;
    queue.listeners.push((id, body) => {
      const isOnBus = bus.taken.some(({ detail }) => detail.r2?.eventId === id);
      if (!isOnBus && !deadLetters.includes(body))
        broken(`${id} (${keyIn(body)}) is acknowledged, and nobody was told`);
    });
    return {
      atEnd() {
        for (const id of queue.open) broken(`${id} is still on the queue`);
      },
    };
  },
};

export const onlyTheWorker: Invariant = {
  name: 'nothing comes to the bus from R2 but what was on the worker’s queue',
  watch(world, broken) {
    const { queue, bus } = world.r2;
    let seen = 0;
    return {
      onEffect({ port }) {
        if (port !== 'bus') return;
        for (const { detail } of bus.taken.slice(seen)) {
          const id = detail.r2?.eventId ?? '';
          const wanted = keyIn(queue.known.get(id));
          if (wanted === undefined || wanted !== detail.object.key)
            broken(`${id} tells of ${detail.object.key}, and the queue of ${wanted ?? 'nothing'}`);
        }
        seen = bus.taken.length;
      },
    };
  },
};

/** The sweep would find it; it is there for what was not told, and for what got lost on the way. */
export const toldIsTakenIn: Invariant = {
  name: 'an upload that is told of is taken in without a sweep, where nothing was but slow',
  watch: (world, broken) => ({
    ifOnlySlow() {
      const rows = world.table.contents.filter(({ sk }) => sk.startsWith('R#'));
      const late = [...world.r2.bus.underway].map(({ detail }) => detail.object.key);
      for (const { service, version, digest, isTold } of world.pushed) {
        if (!isTold || !isTarball(service) || late.some((key) => key.includes(version))) continue;
        const known = rows.some(({ pk, sk }) => pk === `S#${service}` && sk === `R#${version}`);
        const refused = rows.some(({ value }) => (value as { digest?: string }).digest === digest);
        if (!known && !refused) broken(`${service} ${version} was told of, and is nowhere`);
      }
    },
  }),
};
