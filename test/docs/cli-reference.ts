import { EXIT_CODES } from '../../bin/cli/exit-codes.ts';
import { main } from '../../bin/cli/main.ts';
import { buildProgram } from '../../bin/cli/program.ts';

const INTRODUCTION = `# conveyor

Rendered from \`conveyor --help\` by \`test/docs/reference.test.ts\`, which fails where this page differs.

The command finds the API by \`--endpoint\`, else \`CONVEYOR_ENDPOINT\`, else the SSM parameter \`/conveyor/api/url\` of the
account and region of your AWS credentials. Only \`init\` asks anything, and only at a terminal. Results go to stdout, everything
else to stderr. With \`--json\`, stdout is one object: \`{"schema": "conveyor/v1/<verb>", "data"}\`, or
\`{"error": {"code", "message", "fix", "next"}}\`, with the same exit code. Ctrl-C while waiting leaves the promotion running
and says how to follow it. An id may be shortened to as much of it as is unique.
`;

/** docs/reference/cli.md, whole. */
export async function renderCliReference(): Promise<string> {
  const verbs = buildProgram({
    host: {} as never,
    clock: () => Promise.reject(new Error('not asked')),
    report: () => {},
  }).commands.map((command) => command.name());
  const helps = await Promise.all(
    verbs.map(async (verb) => `## ${verb}\n\n\`\`\`\n${await help(verb)}\n\`\`\`\n`),
  );
  const codes = EXIT_CODES.map(({ code, means }) => `| ${code} | ${means} |`).join('\n');
  return [
    INTRODUCTION,
    ...helps,
    `## Exit codes\n\nCodes are only ever added.\n\n| code | means |\n|---|---|\n${codes}\n`,
  ].join('\n');
}

/** Lines are joined again where the width of the terminal broke them. */
async function help(verb: string): Promise<string> {
  let out = '';
  await main([verb, '--help'], {
    out: (text) => {
      out += text;
    },
    err: () => {},
    errIsTty: false,
    env: {},
    cwd: '.',
    interrupted: new AbortController().signal,
  });
  return out.trim().replace(/\n {20,}(?=\S)/g, ' ');
}
