import { writeFileSync } from 'node:fs';
import { renderTable } from './table.ts';

writeFileSync(new URL('../../docs/reference/agreement.md', import.meta.url), await renderTable());
