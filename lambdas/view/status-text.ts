import type { CellView, StatusView } from './status-view.ts';
import { tableText } from './table-text.ts';
import { countWords } from './words.ts';

/** `conveyor status`, as a table of words. */
export function statusText({ environments, rows, needs }: StatusView): string {
  if (rows.length === 0) return 'No service is configured.';
  const header = ['SERVICE', ...environments.map((name) => name.toUpperCase())];
  const table = tableText([
    header,
    ...rows.map(({ service, cells }) => [service, ...cells.map(cellText)]),
  ]);
  if (needs.length === 0) return `${table}\nNothing needs you.`;
  const verb = needs.length === 1 ? 'needs' : 'need';
  const more = needs.length > 3 ? `, and ${countWords(needs.length - 3, 'more', 'more')}` : '';
  return `${table}\n${needs.length} ${verb} you: ${needs.slice(0, 3).join(', ')}${more}`;
}

function cellText({ version, age, sameAs, note }: CellView): string {
  const same = sameAs === undefined ? undefined : `=${sameAs}`;
  return [version ?? '-', same, age, note].filter((part) => part !== undefined).join(' ');
}
