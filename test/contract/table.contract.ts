import { describe, expect, it } from 'vitest';
import type { Change, Key, Table } from '../../lambdas/ports/table.ts';

export interface TableUnderTest {
  readonly table: Table;
  /**
   * The next write takes effect and its reply is lost on the way: whoever waits for it is asked to try again, as the
   * SDK does by itself. Absent where there is no way between.
   */
  loseNextReply?(): void;
}

let names = 0;

/** What every Table does, the one in memory and the one in DynamoDB. One table may serve all of it: names differ. */
export function tableContract(name: string, open: () => Promise<TableUnderTest>): void {
  describe(`a Table: ${name}`, () => {
    /** A partition that nobody has used. */
    const partition = () => {
      names += 1;
      return `partition-${names}`;
    };
    const put = (key: Key, value: object, expected: Change['expected'] = 'absent'): Change => ({
      ...key,
      expected,
      value,
    });

    it('gives back what was put, and nothing for what was not', async () => {
      const { table } = await open();
      const key = { pk: partition(), sk: 'a' };
      const value = { text: 'ü', number: 1.5, list: [1, { deep: true }], none: null };

      expect(await table.get(key)).toBeUndefined();
      expect(await table.write([put(key, value)])).toBe(true);

      expect(await table.get(key)).toEqual({ ...key, version: expect.any(Number), value });
      expect(await table.get({ ...key, sk: 'A' })).toBeUndefined();
    });

    it('forgets what is undefined, as JSON does', async () => {
      const { table } = await open();
      const key = { pk: partition(), sk: 'a' };

      await table.write([put(key, { here: 1, gone: undefined, deep: { gone: undefined } })]);

      expect((await table.get(key))?.value).toEqual({ here: 1, deep: {} });
    });

    it('keeps its own copy', async () => {
      const { table } = await open();
      const key = { pk: partition(), sk: 'a' };
      const value = { list: [1] };
      await table.write([put(key, value)]);

      value.list.push(2);
      (await table.get<typeof value>(key))?.value.list.push(3);

      expect((await table.get(key))?.value).toEqual({ list: [1] });
    });

    it('makes what is absent once', async () => {
      const { table } = await open();
      const key = { pk: partition(), sk: 'a' };

      expect(await table.write([put(key, { by: 'first' })])).toBe(true);
      expect(await table.write([put(key, { by: 'second' })])).toBe(false);

      expect((await table.get(key))?.value).toEqual({ by: 'first' });
    });

    it('changes and deletes only the version that was read', async () => {
      const { table } = await open();
      const key = { pk: partition(), sk: 'a' };
      await table.write([put(key, { n: 1 })]);
      const first = (await table.get(key))?.version ?? -1;

      expect(await table.write([put(key, { n: 2 }, first)])).toBe(true);
      expect(await table.write([put(key, { n: 3 }, first)])).toBe(false);
      expect(await table.write([{ ...key, expected: first, value: undefined }])).toBe(false);
      const second = (await table.get(key))?.version ?? -1;
      expect(second).not.toBe(first);
      expect((await table.get(key))?.value).toEqual({ n: 2 });

      expect(await table.write([{ ...key, expected: second, value: undefined }])).toBe(true);
      expect(await table.get(key)).toBeUndefined();
      expect(await table.write([put(key, { n: 4 }, second)])).toBe(false);
    });

    it('does not take what was deleted and made anew for what was read before', async () => {
      const { table } = await open();
      const key = { pk: partition(), sk: 'lock' };
      await table.write([put(key, { holder: 'a' })]);
      const read = (await table.get(key))?.version ?? -1;
      await table.write([{ ...key, expected: read, value: undefined }]);
      await table.write([put(key, { holder: 'b' })]);

      expect(await table.write([put(key, { holder: 'a' }, read)])).toBe(false);

      expect((await table.get(key))?.value).toEqual({ holder: 'b' });
    });

    it('puts and deletes whatever is there, where any will do', async () => {
      const { table } = await open();
      const key = { pk: partition(), sk: 'a' };

      expect(await table.write([put(key, { n: 1 }, 'any')])).toBe(true);
      expect(await table.write([put(key, { n: 2 }, 'any')])).toBe(true);
      expect((await table.get(key))?.value).toEqual({ n: 2 });
      expect(await table.write([{ ...key, expected: 'any', value: undefined }])).toBe(true);
      expect(await table.write([{ ...key, expected: 'any', value: undefined }])).toBe(true);

      expect(await table.get(key)).toBeUndefined();
    });

    it('writes all changes or none, over partitions, up to a hundred', async () => {
      const { table } = await open();
      const [pk, other] = [partition(), partition()];
      const many = (from: number, count: number) =>
        Array.from({ length: count }, (_, i) =>
          put({ pk: i % 2 ? pk : other, sk: `${from + i}`.padStart(3, '0') }, { i }),
        );
      await table.write([put({ pk, sk: '099' }, { i: 'there' })]);

      expect(await table.write(many(0, 100))).toBe(false);
      expect([...(await table.query(other, '')), ...(await table.query(pk, '0'))]).toHaveLength(1);
      expect(await table.write(many(100, 100))).toBe(true);

      expect(await table.query(pk, '1')).toHaveLength(50);
      expect(await table.query(other, '1')).toHaveLength(50);
    });

    it('lists a partition by how its names begin, in their order, and no other', async () => {
      const { table } = await open();
      const pk = partition();
      const sks = ['E#a', 'E#b#2', 'E#b#10', 'E#b', 'E#B', 'E#c', 'F', 'E'];
      for (const sk of sks) await table.write([put({ pk, sk }, { sk })]);
      await table.write([put({ pk: `${pk}-more`, sk: 'E#b' }, {})]);
      const names = async (...query: [string, object?]) =>
        (await table.query(pk, ...query)).map(({ sk }) => sk);

      expect(await names('E#b')).toEqual(['E#b', 'E#b#10', 'E#b#2']);
      expect(await names('E#')).toEqual(['E#B', 'E#a', 'E#b', 'E#b#10', 'E#b#2', 'E#c']);
      expect(await names('E#', { newestFirst: true, limit: 2 })).toEqual(['E#c', 'E#b#2']);
      expect(await names('E#', { limit: 3 })).toEqual(['E#B', 'E#a', 'E#b']);
      expect(await names('E#', { newestFirst: true, limit: 99 })).toHaveLength(6);
      expect(await names('nothing')).toEqual([]);
      expect((await table.query(pk, 'F'))[0]).toEqual(await table.get({ pk, sk: 'F' }));
    });

    it('lists more than fits into one reply', async () => {
      const { table } = await open();
      const pk = partition();
      const filler = 'x'.repeat(40_000);
      for (let i = 0; i < 30; i++) await table.write([put({ pk, sk: `${i + 10}` }, { i, filler })]);

      const all = await table.query<{ i: number }>(pk, '');
      const last = await table.query<{ i: number }>(pk, '', { newestFirst: true, limit: 28 });

      expect(all.map(({ value }) => value.i)).toEqual(Array.from({ length: 30 }, (_, i) => i));
      expect(last.map(({ value }) => value.i)).toEqual(
        Array.from({ length: 28 }, (_, i) => 29 - i),
      );
    });

    it('has one winner of thirty who make the same thing at once, and nothing of the others', async () => {
      const { table } = await open();
      const [pk, key] = [partition(), { pk: partition(), sk: 'lock' }];

      const won = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          table.write([put(key, { by: i }), put({ pk, sk: `${i}` }, { by: i })]),
        ),
      );

      expect(won.filter((yes) => yes)).toHaveLength(1);
      expect((await table.get(key))?.value).toEqual({ by: won.indexOf(true) });
      expect((await table.query(pk, '')).map(({ sk }) => sk)).toEqual([`${won.indexOf(true)}`]);
    });

    it('loses no increment of ten who count at once', async () => {
      const { table } = await open();
      const key = { pk: partition(), sk: 'count' };
      await table.write([put(key, { n: 0 })]);
      const increment = async (): Promise<void> => {
        const read = await table.get<{ n: number }>(key);
        if (read === undefined) throw new Error('the count is gone');
        const next = put(key, { n: read.value.n + 1 }, read.version);
        if (!(await table.write([next]))) await increment();
      };

      await Promise.all(Array.from({ length: 10 }, increment));

      expect((await table.get(key))?.value).toEqual({ n: 10 });
    });

    it('finds its own write where the reply was lost', async () => {
      const { table, loseNextReply } = await open();
      const pk = partition();
      const made = put({ pk, sk: 'a' }, { n: 1 });

      loseNextReply?.();
      expect(await table.write([made, put({ pk, sk: 'b' }, { n: 1 })])).toBe(true);
      const read = (await table.get({ pk, sk: 'a' }))?.version ?? -1;
      loseNextReply?.();
      expect(
        await table.write([
          { pk, sk: 'b', expected: 'any', value: undefined },
          put(made, { n: 2 }, read),
        ]),
      ).toBe(true);

      expect((await table.query(pk, '')).map(({ value }) => value)).toEqual([{ n: 2 }]);
    });
  });
}
