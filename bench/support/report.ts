import { arch, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';

/** The middle value; of an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** A Markdown table, padded so that it also reads as text. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join(
    '\n',
  );
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What a number depends on, without naming the machine. */
export function conditions(): string {
  return `Node ${process.versions.node}, ${platform()} ${arch()}, ${cpus().length} logical CPUs.`;
}

export const milliseconds = (value: number) => `${Math.round(value)} ms`;
export const seconds = (value: number) => `${(value / 1_000).toFixed(1)} s`;
export const times = (ratio: number) => `${ratio.toFixed(2)} ×`;

/** `--runs 5`: how often, between 1 and `most`. */
export function runsFrom(otherwise: number, most: number): number {
  const { values } = parseArgs({ options: { runs: { type: 'string' } } });
  const runs = Number(values.runs ?? otherwise);
  if (Number.isInteger(runs) && runs >= 1 && runs <= most) return runs;
  throw new Error(`--runs takes a whole number from 1 to ${most}`);
}
