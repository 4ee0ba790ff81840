import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sources } from '../sources.ts';

const rows = [...readFileSync('docs/threats.md', 'utf8').matchAll(/^\| T(\d+) \|.*$/gm)].map(
  ([row, n]) => {
    const cells = row.split('|').map((cell) => cell.trim());
    const files = [...(cells[4] ?? '').matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file ?? '');
    return { name: `T${n}`, shown: cells[4] ?? '', files };
  },
);
const tests = sources('test');

describe('docs/threats.md', () => {
  it('has twenty threats, each with a test that is there or the capability that will bring it', () => {
    expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, n) => `T${n + 1}`));
    for (const { name, shown, files } of rows) {
      if (files.length === 0)
        expect(shown, name).toMatch(/^not yet, with (hosts|tarballs|evidence)$/);
      expect(
        files.filter((file) => !existsSync(file)),
        name,
      ).toEqual([]);
    }
  });

  it.each(rows.filter(({ files }) => files.length > 0))(
    '$name is in the name of a test',
    ({ name }) => {
      const title = new RegExp(`\\b(it|test|describe)(\\.each)?\\b[^\\n]*|'[^'\\n]*\\b${name}\\b`);
      const naming = tests.filter(
        ({ text }) => new RegExp(`\\(${name}[),]|, ${name}\\)`).test(text) && title.test(text),
      );
      expect(naming.length).toBeGreaterThan(0);
    },
  );
});
