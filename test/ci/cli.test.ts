import { describe, expect, it } from 'vitest';
import { EXIT } from '../../bin/cli/exit-codes.ts';
import { parseTimeout } from '../../bin/cli/parse-argument.ts';
import { buildProgram } from '../../bin/cli/program.ts';
import { FILES, jobsOf, load, type System } from './support/pipelines.ts';

const program = buildProgram({
  host: {} as never,
  clock: () => Promise.reject(new Error('not asked')),
  report: () => {},
});

/** Each call of our CLI in a template's scripts, and the script around it. */
const callsOf = (system: System) =>
  jobsOf(load(FILES.tarball[system]), 'tarball')
    .flatMap(({ steps }) => steps)
    .flatMap(({ script = '', env }) =>
      [...script.matchAll(/conveyor\.mjs" (\w+) (.*?)(?: \|\| .*)?$/gm)].map(
        ([, verb = '', words = '']) => ({
          verb,
          words: words.split(' '),
          script,
          env,
        }),
      ),
    );

describe.each<System>(['azure', 'github'])('the template of %s calls our CLI', (system) => {
  const calls = callsOf(system);

  it('to push, and to deploy', () => {
    expect(new Set(calls.map(({ verb }) => verb))).toEqual(new Set(['push', 'deploy']));
  });

  it.each(calls)('$verb with arguments and options that it has', ({ verb, words }) => {
    const command = program.commands.find((one) => one.name() === verb);
    const { operands = [], unknown } = command?.parseOptions(words) ?? {};
    const needed = command?.registeredArguments.filter(({ required }) => required).length;

    expect(unknown).toEqual([]);
    expect(operands.length).toBeGreaterThanOrEqual(needed ?? 1);
    expect(operands.length).toBeLessThanOrEqual(command?.registeredArguments.length ?? 0);
  });

  it('and knows its exit codes, and waits as long as it can be told to', () => {
    const deploy = calls.find(({ verb }) => verb === 'deploy');
    const told = [...(deploy?.script.matchAll(/^\s*(\d+)\) /gm) ?? [])].map(([, code]) =>
      Number(code),
    );

    expect(told).toEqual([EXIT.done, EXIT.refused, EXIT.timeout]);
    expect(parseTimeout(deploy?.env.WAIT ?? '')).toBe(5 * 3_600);
  });
});
