import type { Invariant } from './invariant.ts';

const lineOf = ({ pk, sk }: { pk: string; sk: string }) => `${pk} ${sk.split('#')[1]}`;

/** The sweep would find them; it is there for deaths and lost replies, not for what is merely slow. */
export const nobodyForgotten: Invariant = {
  name: 'nobody waits behind a free lock, but for a death or a lost reply',
  watch: (world, broken) => ({
    ifOnlySlow() {
      const rows = world.table.contents;
      const locked = new Set(rows.filter(({ sk }) => sk.endsWith('#L#LOCK')).map(lineOf));
      // Who has not parked yet is on the way: it lines up, or is about to look.
      const forgotten = rows.find(
        (row) => row.sk.includes('#L#WAIT#') && 'token' in row.value && !locked.has(lineOf(row)),
      );
      if (forgotten !== undefined) broken(`${forgotten.pk} ${forgotten.sk}`);
    },
  }),
};
