import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { sources } from '../sources.ts';
import { anchors, documents, links, read } from './markdown.ts';

it.each(documents())('links from %s lead somewhere', (file) => {
  for (const [target, anchor] of links(read(file))) {
    const path = target === '' ? file : join(dirname(file), target);
    expect(existsSync(path), `${file} -> ${target}`).toBe(true);
    if (anchor !== '')
      expect(anchors(read(path)), `${file} -> ${target}#${anchor}`).toContain(anchor);
  }
});

it.each(documents())('files that %s names exist', (file) => {
  const named = read(file).matchAll(
    /`((?:bin|infra|lambdas|statemachines|test|bench|examples)\/[\w./-]+\.\w+)`/g,
  );
  for (const [, path = ''] of named) expect(existsSync(path), `${file}: ${path}`).toBe(true);
});

it('decisions that the code cites exist', () => {
  const there = readdirSync('docs/decisions').map((name) => name.slice(0, 4));
  for (const { path, text } of sources('bin', 'infra', 'lambdas', 'bench'))
    for (const [, number = ''] of text.matchAll(/ADR (\d{4})/g))
      expect(there, path).toContain(number);
});

const decisions = readdirSync('docs/decisions');

it('decisions are numbered without a gap', () => {
  expect(decisions.map((name) => Number(name.slice(0, 4))).sort((a, b) => a - b)).toEqual(
    decisions.map((_, i) => i + 1),
  );
});

it.each(decisions)('%s says status, date, context, options and decision, on one page', (name) => {
  const text = read(`docs/decisions/${name}`);

  expect(text.startsWith(`# ${name.slice(0, 4)} `)).toBe(true);
  for (const part of [/^Status: \w+$/m, /^Date: \d{4}-\d\d-\d\d$/m]) expect(text).toMatch(part);
  for (const part of ['Context', 'Options', 'Decision']) expect(text).toContain(`\n## ${part}\n`);
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
});

it('threats are numbered T1 to T20, each with what shows its control or "not yet"', () => {
  const rows = [...read('docs/threats.md').matchAll(/^\| (T\d+) \|(.+)\|$/gm)];

  expect(rows.map(([, id]) => id)).toEqual(Array.from({ length: 20 }, (_, i) => `T${i + 1}`));
  for (const [, id, cells = ''] of rows)
    expect(cells.split('|').at(-1), id).toMatch(/`test\/|not yet/);
});
