import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Counter, type Counts } from '../../bench/support/count-promotion.ts';
import { EXIT_CODES } from '../../bin/cli/exit-codes.ts';
import { buildProgram } from '../../bin/cli/program.ts';
import { commands, documents, read } from './markdown.ts';

const readme = read('README.md');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>;
};
const program = buildProgram({
  host: {} as never,
  clock: () => Promise.reject(new Error('not asked')),
  report: () => {},
});
const verbs = program.commands.map((command) => command.name());

it.each(documents())('npm scripts that %s names are there', (file) => {
  const text = commands(read(file)).join('\n');
  for (const [, name = ''] of text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g))
    expect(Object.keys(scripts), name).toContain(name);
  for (const [, name = ''] of text.matchAll(/\bnpm (start|test)\b/g))
    expect(Object.keys(scripts).join(' '), name).toContain(name);
});

it.each(documents())('conveyor verbs that %s names are there', (file) => {
  const text = commands(read(file)).join('\n');
  const typed = text.matchAll(/(?:^|[\s`(])(?:conveyor|npm run as -- \w+) ([a-z]{3,})\b/gm);
  for (const [, verb = ''] of typed) expect(verbs, `conveyor ${verb}`).toContain(verb);
});

it('tells the exit codes as the program has them', () => {
  for (const { code, means } of EXIT_CODES) expect(readme).toContain(`| ${code} | ${means} |`);
});

it('tells what a promotion counts as it is counted (node --import tsx bench/costs.ts)', async () => {
  const counter = new Counter('image');
  await counter.push('1041');
  await counter.promote();
  await counter.promoteApproved();
  const stages = [
    await counter.push('1042'),
    await counter.promote(),
    await counter.promoteApproved(),
  ];
  const rows: [string, (counts: Counts) => number][] = [
    ['state transitions', (counts) => counts.transitions],
    ['Lambda calls', ({ lambda }) => Object.values(lambda).reduce((sum, n) => sum + n, 0)],
    ['KMS requests of our own', (counts) => counts.kms],
    ['mails', (counts) => counts.mails],
    ['GitHub calls', (counts) => counts.github],
  ];

  for (const [name, of] of rows)
    expect(readme).toContain(`| ${name} | ${stages.map(of).join(' | ')} |`);
  // These go with the length of words in the record: near is true enough.
  for (const [name, of] of [
    ['table readings', (counts: Counts) => counts.reads],
    ['table write units', (counts: Counts) => counts.writeUnits],
  ] as const) {
    const told = new RegExp(`^\\| ${name} \\|(.+)\\|$`, 'm')
      .exec(readme)?.[1]
      ?.split('|')
      .map(Number);
    stages.map(of).forEach((counted, i) => {
      expect(Math.abs((told?.[i] ?? 0) / counted - 1), `${name}: ${counted}`).toBeLessThan(0.2);
    });
  }
});

it.each(documents())('%s has nobody fetch the package of our name, which is not ours', (file) => {
  expect(read(file)).not.toMatch(/npx (-\S+ )*conveyor/);
});
