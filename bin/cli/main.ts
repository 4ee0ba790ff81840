import { type Command, CommanderError, type OutputConfiguration } from 'commander';
import type { Clock } from '../../lambdas/ports/clock.ts';
import { EXIT } from './exit-codes.ts';
import type { IoHost } from './io-host.ts';
import { failed, type Outcome } from './outcome.ts';
import { printOutcome } from './print-outcome.ts';
import { buildProgram } from './program.ts';

/** Runs one command line and answers its exit code. Nothing here or below prints but through the host. */
export async function main(argv: readonly string[], host: IoHost, clock?: Clock): Promise<number> {
  // Read before parsing, because a command line that does not parse is answered in JSON as well.
  const json = argv.includes('--json');
  const said: string[] = [];
  let outcome: Outcome | undefined;
  let verb: string | undefined;
  const program = buildProgram({
    host,
    clock: async () =>
      clock ?? new (await import('../../lambdas/adapters/system-clock.ts')).SystemClock(),
    report: (name, result) => {
      verb = name;
      outcome = result;
    },
  });
  configure(program, {
    writeOut: (text) => host.out(text),
    writeErr: (text) => {
      said.push(text);
    },
  });

  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) outcome = failed(error, verb);
    else if (error.exitCode === 0) return EXIT.done;
    else outcome = usage(said.join('') || error.message, argv, program);
  }
  if (outcome === undefined) return EXIT.done;
  printOutcome(host, outcome, verb, json);
  return outcome.exit;
}

function configure(command: Command, output: OutputConfiguration): void {
  command.exitOverride().configureOutput({ ...output, getOutHasColors: () => false });
  for (const child of command.commands) configure(child, output);
}

/** Commander's own sentence, which includes "Did you mean …?", as one of our errors. */
function usage(said: string, argv: readonly string[], program: Command): Outcome {
  const typed = program.commands.find((command) => argv.includes(command.name()));
  const message = said
    .replace(/^error: /, '')
    .replace(/\s+/g, ' ')
    .trim();
  const isHelp = /^Usage:/.test(message);
  return {
    exit: EXIT.usage,
    error: { code: 'InvalidInput', message: isHelp ? 'no verb was given' : message },
    next: [typed === undefined ? 'conveyor --help' : `conveyor ${typed.name()} --help`],
  };
}
