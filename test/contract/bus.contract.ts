import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus, BusEvent } from '../../lambdas/ports/bus.ts';

export interface BusUnderTest {
  readonly bus: Bus;
  /** What is on the bus, in the order in which it was taken. */
  taken(): readonly BusEvent[];
  /** From now on, events for which there is a code are refused with it. */
  refuse(code: (event: BusEvent) => string | undefined): void;
  /** From now on, nobody answers. */
  goDown(): void;
  close(): Promise<void>;
}

const event = (n: number): BusEvent => ({
  source: 'conveyor.test',
  detailType: 'Something Happened',
  detail: { n, words: 'ä"\n' },
  at: new Date(1_767_225_600_000 + n * 1_000),
});
const many = (count: number) => Array.from({ length: count }, (_, n) => event(n));
const numberOf = ({ detail }: BusEvent) => (detail as { n: number }).n;

/** What every Bus does, the one in memory and EventBridge. */
export function busContract(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`a Bus: ${name}`, () => {
    let under: BusUnderTest;
    beforeEach(async () => {
      under = await start();
    });
    afterEach(() => under.close());

    it('takes an event as it is, with the time when it happened', async () => {
      expect(await under.bus.put([event(1)])).toEqual([]);

      expect(under.taken()).toEqual([event(1)]);
    });

    it('takes none where there is none', async () => {
      expect(await under.bus.put([])).toEqual([]);

      expect(under.taken()).toEqual([]);
    });

    it.each([10, 11, 100])('takes %i at once, each of them once', async (count) => {
      expect(await under.bus.put(many(count))).toEqual([]);

      expect(under.taken().map(numberOf)).toEqual(many(count).map(numberOf));
    });

    it('names what it did not take, and takes everything else', async () => {
      under.refuse((one) => ([3, 17].includes(numberOf(one)) ? 'ThrottlingException' : undefined));

      const untaken = await under.bus.put(many(25));

      expect(untaken).toEqual([
        { event: event(3), code: 'ThrottlingException', retryable: true },
        { event: event(17), code: 'ThrottlingException', retryable: true },
      ]);
      expect(under.taken()).toHaveLength(23);
      expect(under.taken().map(numberOf)).not.toContain(3);
    });

    it.each([
      ['InternalFailure', true],
      ['ThrottlingException', true],
      ['MalformedDetail', false],
      ['NotAuthorizedForSourceException', false],
    ])('says whether a moment later may help: %s', async (code, retryable) => {
      under.refuse(() => code);

      expect(await under.bus.put([event(1)])).toEqual([{ event: event(1), code, retryable }]);
    });

    it('names all events where nobody answers, instead of throwing', async () => {
      await under.bus.put([event(0)]);
      under.goDown();

      const untaken = await under.bus.put(many(12));

      expect(untaken.map((one) => numberOf(one.event))).toEqual(many(12).map(numberOf));
      expect(untaken.every(({ code }) => code !== '')).toBe(true);
      expect(under.taken()).toHaveLength(1);
    });
  });
}
