import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** README and everything below docs/, examples/ and bench/ that is Markdown, from the repository's root. */
export function documents(): readonly string[] {
  const below = ['docs', 'bench', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
      .map((file) => join(folder, file)),
  );
  return ['README.md', ...below.sort()];
}

export const read = (file: string) => readFileSync(file, 'utf8');

const FENCE = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm;

/** Without fenced blocks: what is left is prose, whose links and headings count. */
export const prose = (text: string) => text.replace(FENCE, '');

/** What stands in fenced blocks of shell, and in backticks. */
export function commands(text: string): string[] {
  const fenced = [...text.matchAll(FENCE)].filter(([, , language]) => language === 'sh');
  const quoted = [...prose(text).matchAll(/`([^`\n]+)`/g)];
  return [...fenced.map(([, , , code]) => code ?? ''), ...quoted.map(([, code]) => code ?? '')];
}

/** Headings as GitHub makes anchors of them; the second of the same name gets -1. */
export function anchors(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  for (const [, heading = ''] of prose(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    if (count > 0) seen.set(`${slug}-${count}`, 1);
  }
  return new Set(seen.keys());
}

/** Where relative links lead: `[file, anchor]`. */
export function links(text: string): readonly (readonly [string, string])[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#');
      return [file, anchor] as const;
    });
}
