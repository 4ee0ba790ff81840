import type { Row } from './kill-matrix.ts';

/** `docs/reference/kill-matrix.md`. */
export function renderKillMatrix(rows: readonly Row[]): string {
  const deaths = rows.reduce((sum, row) => sum + row.deaths, 0);
  return `# Kill matrix

Every kind of promotion, and of provisioning, is played once undisturbed, then once for each call that changed something outside
of its process: right after that effect the process is gone, before anybody hears its reply. In the end everything must be as
in the undisturbed run: states, records, commits, tags, locks, alarms, what hosts run and have, and one message to each person; a message alone may
come twice, as nobody can know whether it was sent. All invariants of the simulation hold throughout.

Made by \`npm run docs:kill-matrix\`, which plays all ${deaths} deaths, as does \`npm run test:full\`; \`npm test\` plays a sixth of them.

| kind | how it ends | deaths | after effects on | different in the end | messages twice, at most |
|---|---|---|---|---|---|
${rows.map(renderRow).join('\n')}
`;
}

function renderRow({ kind, endings, deaths, effects, different, noticesTwice }: Row): string {
  const ports = Object.entries(effects)
    .map(([port, n]) => `${port} ${n}`)
    .join(', ');
  return `| ${kind} | ${endings || 'none begins'} | ${deaths} | ${ports} | ${different.length} | ${noticesTwice} |`;
}
