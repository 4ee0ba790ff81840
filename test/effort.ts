/**
 * How much is played of what could be played for ever. `npm test` takes a part that differs from file to file but not from
 * run to run; `npm run test:full` takes all.
 */
export const FULL = process.env.CONVEYOR_TESTS === 'full';

/** As many as that in `npm test`, or in `npm run test:full`. */
export function effort(usually: number, full: number): number {
  return FULL ? full : usually;
}
