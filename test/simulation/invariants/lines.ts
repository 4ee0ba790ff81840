import { isFinal, type Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Change } from '../../../lambdas/ports/table.ts';
import type { Effect } from '../world/tap.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';

function holderOf(world: World, service: string, environment: string): string | undefined {
  const key = { pk: `S#${service}`, sk: `E#${environment}#L#LOCK` };
  return world.table.peek<{ promotion: string }>(key)?.value.promotion;
}

export const oneAtATime: Invariant = {
  name: 'one promotion at a time works on a service in an environment',
  watch(world, broken) {
    const tagged = new Set<string>();
    /** A commit that was made, or a tag that was not there before. */
    const changes = ({ port, method, args, result }: Effect): boolean => {
      if (port === 'ledger') return method === 'commit' && result !== undefined;
      if (port.startsWith('hosts.')) return method === 'send';
      if (port.startsWith('store.'))
        return (method === 'create' && result === true) || result === 'copied';
      if (!port.startsWith('registry.') || method !== 'put' || args[2] === undefined) return false;
      const tag = `${port} ${args[0]} ${args[2]}`;
      const isNew = !tagged.has(tag);
      tagged.add(tag);
      return isNew;
    };
    return {
      onEffect(effect) {
        if (!changes(effect) || effect.process.subject === undefined) return;
        const promotion = world.record(effect.process.subject);
        if (promotion === undefined) return;
        const holder = holderOf(world, promotion.service, promotion.environment);
        if (holder === promotion.id) return;
        const what = `${effect.port}.${effect.method}`;
        broken(`${promotion.id} did ${what} while ${holder ?? 'nobody'} held the lock`);
      },
    };
  },
};

export const lockEndsWithIt: Invariant = {
  name: 'a lock never outlives its promotion',
  watch: (world, broken) => ({
    onEffect({ port, method, args, result }) {
      if (port !== 'table' || method !== 'write' || result !== true) return;
      for (const { pk, sk, value } of args[0] as Change[]) {
        if (!sk.includes('#P#') || value === undefined) continue;
        const { id, service, environment, state } = value as Promotion;
        if (!isFinal(state)) continue;
        if (holderOf(world, service, environment) === id)
          broken(`${id} has ended and holds the lock of ${pk} ${environment}`);
      }
    },
  }),
};

export const oneEnding: Invariant = {
  name: 'a promotion ends once, in one final state',
  watch(_, broken) {
    const ended = new Map<string, string>();
    return {
      onEffect({ port, method, args, result }) {
        if (port !== 'table' || method !== 'write' || result !== true) return;
        for (const { sk, value } of args[0] as Change[]) {
          if (!sk.includes('#P#') || value === undefined) continue;
          const { id, state } = value as Promotion;
          const before = ended.get(id);
          if (before !== undefined && before !== state)
            broken(`${id} ended as ${before} and is ${state} now`);
          if (isFinal(state)) ended.set(id, state);
        }
      },
    };
  },
};
