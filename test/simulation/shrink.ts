import type { Scenario } from './scenario.ts';
import { type Report, type SimulateOptions, simulate } from './simulate.ts';

/** The parts of a scenario by short names: `m3` is a moment, `f0` a fault. */
export function partsOf({ moments, faults }: Scenario): string[] {
  return [...moments.map((_, n) => `m${n}`), ...faults.map((_, n) => `f${n}`)];
}

/** Only these parts of it. */
export function keep(scenario: Scenario, parts: readonly string[]): Scenario {
  return {
    ...scenario,
    moments: scenario.moments.filter((_, n) => parts.includes(`m${n}`)),
    faults: scenario.faults.filter((_, n) => parts.includes(`f${n}`)),
  };
}

export interface Story {
  readonly parts: readonly string[];
  readonly report: Report;
}

/** What is left of a scenario that breaks an invariant once nothing more can be left out without mending it. */
export async function shrink(scenario: Scenario, options: SimulateOptions = {}): Promise<Story> {
  let report = await simulate(scenario, options);
  const invariant = report.broken?.invariant;
  if (invariant === undefined) throw new Error(`seed ${scenario.seed} breaks nothing`);
  let parts = partsOf(scenario);
  for (let again = true; again; ) {
    again = false;
    for (const part of parts) {
      const fewer = parts.filter((other) => other !== part);
      const tried = await simulate(keep(scenario, fewer), options);
      if (tried.broken?.invariant !== invariant) continue;
      [parts, report, again] = [fewer, tried, true];
    }
  }
  return { parts, report };
}

/** In words: what happened, and the command that plays it again. */
export function tell(scenario: Scenario, { parts, report }: Story): string {
  const { moments, faults, changes } = keep(scenario, parts);
  const lines = [
    `seed ${scenario.seed} breaks: ${report.broken?.invariant}`,
    `  ${report.broken?.what}`,
    `  policy: ${JSON.stringify(changes)}`,
    ...moments.map(({ at, on, act }) => {
      const when = on ? `call ${on.nth} of ${on.call}, or ${at / 1_000} s` : `${at / 1_000} s`;
      return `  at ${when}: ${JSON.stringify(act)}`;
    }),
    ...faults.map(({ call, kind }) => `  call ${call}: ${kind}`),
    `replay: npm run simulate -- --seed ${scenario.seed} --only ${parts.join(',') || 'none'} --trace`,
  ];
  return lines.join('\n');
}
