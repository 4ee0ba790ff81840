import type { Report } from './simulate.ts';
import { COURSES } from './world/courses.ts';
import { waysOf } from './world/coverage.ts';
import { FAULTS } from './world/faults.ts';
import { MACHINES } from './world/machines.ts';

/** What many scenarios came to. Plain data: it goes from process to process. */
export interface Totals {
  scenarios: number;
  /** Of them, those with three promotions and two faults at least. */
  full: number;
  promotions: number;
  transitions: number;
  calls: number;
  simulatedMilliseconds: number;
  endings: Record<string, number>;
  faults: Record<string, number>;
  ways: Record<string, number>;
  broken: { seed: number; invariant: string; what: string }[];
}

export function noTotals(): Totals {
  return {
    scenarios: 0,
    full: 0,
    promotions: 0,
    transitions: 0,
    calls: 0,
    simulatedMilliseconds: 0,
    endings: {},
    faults: {},
    ways: {},
    broken: [],
  };
}

export function addReport(totals: Totals, report: Report): void {
  const { seed, broken, endings, faults, ways, transitions, calls } = report;
  totals.scenarios += 1;
  totals.transitions += transitions;
  totals.calls += calls;
  totals.simulatedMilliseconds += report.simulatedMilliseconds;
  const promotions = sumOf(endings);
  totals.promotions += promotions;
  if (promotions >= 3 && sumOf(faults) >= 2) totals.full += 1;
  addCounts(totals.endings, endings);
  addCounts(totals.faults, faults);
  addCounts(totals.ways, Object.fromEntries(ways));
  if (broken) totals.broken.push({ seed, ...broken });
}

export function addTotals(totals: Totals, other: Totals): void {
  totals.scenarios += other.scenarios;
  totals.full += other.full;
  totals.promotions += other.promotions;
  totals.transitions += other.transitions;
  totals.calls += other.calls;
  totals.simulatedMilliseconds += other.simulatedMilliseconds;
  addCounts(totals.endings, other.endings);
  addCounts(totals.faults, other.faults);
  addCounts(totals.ways, other.ways);
  totals.broken.push(...other.broken);
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}

function addCounts(into: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, n] of Object.entries(counts)) into[name] = (into[name] ?? 0) + n;
}

function allWays(): string[] {
  const ways = Object.values(MACHINES).flatMap(({ name, definition }) => waysOf(name, definition));
  return [...ways, ...COURSES];
}

/** Ways of the machines that no scenario took, and what else never came about. */
export function missedWays({ ways }: Totals): string[] {
  return allWays().filter((way) => ways[way] === undefined);
}

/** Faults that no scenario had. */
export function missedFaults({ faults }: Totals): string[] {
  return FAULTS.filter((kind) => faults[kind] === undefined);
}

export function tellTotals(totals: Totals, seconds: number): string {
  const days = Math.round(totals.simulatedMilliseconds / 86_400_000);
  const all = allWays();
  const missed = missedWays(totals);
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([name, n]) => `${n} ${name}`)
      .join(', ');
  const per = (n: number) => (n / totals.scenarios).toFixed(1);
  return [
    `${totals.scenarios} scenarios in ${seconds.toFixed(1)} s, ${totals.full} of them with three promotions and two faults or more: ${totals.promotions} promotions (${per(totals.promotions)} each), ${totals.transitions} transitions, ${totals.calls} calls of ports, ${days} simulated days`,
    `endings: ${list(totals.endings)}`,
    `faults injected: ${list(totals.faults)} (${per(sumOf(totals.faults))} each)`,
    `ways taken: ${all.length - missed.length} of ${all.length}${missed.map((way) => `\n  not taken: ${way}`).join('')}`,
    `invariants broken: ${totals.broken.length}`,
  ].join('\n');
}
