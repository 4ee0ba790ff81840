import { Command, Option } from 'commander';
import type { Clock } from '../../lambdas/ports/clock.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { Context } from './context.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { addHostVerbs } from './host-verbs.ts';
import type { IoHost } from './io-host.ts';
import { failed, type Outcome } from './outcome.ts';

export interface ProgramHost {
  readonly host: IoHost;
  readonly clock: () => Promise<Clock>;
  readonly report: (verb: string, outcome: Outcome) => void;
}

export type Verb = (context: Context) => Promise<Outcome>;
/** Has a verb done, and tells its outcome. */
export type Run = (command: Command, verb: Verb) => Promise<void>;
/** Adds the options of who can wait for an end. */
export type Wait = (command: Command, byDefault?: 'wait' | 'no-wait') => Command;

/**
 * The command line, as data. Everything a verb needs (AWS, zod, yaml) is imported inside the verb, so that `--help`
 * costs nothing.
 */
export function buildProgram(given: ProgramHost): Command {
  const program = new Command('conveyor')
    .description('Promotes an artifact built once, byte for byte, through AWS accounts.')
    .version(manifest.version)
    // Else `promote --version 1042` would print the CLI's own version.
    .enablePositionalOptions()
    .addHelpText('after', exitCodesHelp());

  const run: Run = async (command, verb) => report(given, command, verb);
  const wait: Wait = (command, byDefault = 'no-wait') =>
    command
      .option(
        '--wait',
        `wait for the end, and exit by it${byDefault === 'wait' ? ' (default)' : ''}`,
      )
      .option('--no-wait', `return when it is accepted${byDefault === 'wait' ? '' : ' (default)'}`)
      .option('--timeout <duration>', 'how long to wait, like 30m', '30m');

  program
    .command('status')
    .description('what is where, what moves, and what needs you')
    .argument('[service]')
    .argument('[environment]', 'its hosts there, one by one')
    .action(async (service, environment, _, command) =>
      run(command, async (c) =>
        (await import('./verbs/status.ts')).status(c, { service, environment }),
      ),
    );

  wait(program.command('promote'))
    .description('put a release into an environment')
    .argument('[service]')
    .argument('[environment]')
    .option('--version <version>', 'which release (default: what the stage before holds)')
    .option('--reason <text>', 'why, for approvers and the record')
    .option('--approval', "ask for the environment's optional approval")
    .addOption(
      new Option('--attach <id>', 'follow a promotion that runs already').conflicts([
        'version',
        'reason',
        'approval',
      ]),
    )
    .action(async (service, environment, options, command) =>
      run(command, async (c) =>
        (await import('./verbs/promote.ts')).promote(c, { service, environment, ...options }),
      ),
    );

  for (const decision of ['approve', 'reject'] as const)
    program
      .command(decision)
      .description(`${decision} a promotion that waits for approval`)
      .argument('<id>', 'its id, or how the id begins')
      [decision === 'reject' ? 'requiredOption' : 'option'](
        '--note <text>',
        'what to tell everybody who was asked',
      )
      .action(async (id, options, command) =>
        run(command, async (c) =>
          (await import('./verbs/decide.ts')).decide(c, { id, decision, ...options }),
        ),
      );

  wait(program.command('rollback'))
    .description('put back what was there before')
    .argument('<service>')
    .argument('<environment>')
    .option('--to <version>', 'which release (default: what landed before)')
    .option('--reason <text>', 'why, for the record')
    .action(async (service, environment, options, command) =>
      run(command, async (c) =>
        (await import('./verbs/rollback.ts')).rollback(c, { service, environment, ...options }),
      ),
    );

  program
    .command('history')
    .description('promotions, newest first')
    .argument('[service]')
    .argument('[environment]')
    .action(async (service, environment, _, command) =>
      run(command, async (c) =>
        (await import('./verbs/history.ts')).history(c, { service, environment }),
      ),
    );

  program
    .command('why')
    .description('why something is, or is not, in an environment')
    .argument('<what>', 'a version, a digest or a service')
    .argument('<environment>')
    .action(async (what, environment, _, command) =>
      run(command, async (c) => (await import('./verbs/why.ts')).why(c, { what, environment })),
    );

  program
    .command('releases')
    .description('what could be promoted, newest first')
    .argument('<service>')
    .action(async (service, _, command) =>
      run(command, async (c) => (await import('./verbs/releases.ts')).releases(c, { service })),
    );

  program
    .command('push')
    .description('pack what the build made and put it into the release store, once per commit')
    .argument('[service]', 'default: what deployments/ say')
    .option(
      '--sha <sha>',
      'the commit, in full (default: GITHUB_SHA, BUILD_SOURCEVERSION, git HEAD)',
    )
    .option('--environment <name>', 'go by deployments/<name>.yaml alone, where the files differ')
    .addOption(
      new Option('--path <folder>', 'pack this (default: what deployments/ say)').conflicts(
        'tarball',
      ),
    )
    .option('--tarball <file>', 'push this .tar.gz, which the build has packed')
    .action(async (service, options, command) =>
      run(command, async (c) => (await import('./verbs/push.ts')).push(c, { service, ...options })),
    );

  wait(program.command('deploy'), 'wait')
    .description('bring what was pushed into an environment; an older one to go back')
    .argument('<service>')
    .argument('<environment>')
    .option(
      '--sha <sha>',
      'the commit of a tarball, in full (default: GITHUB_SHA, BUILD_SOURCEVERSION, git HEAD)',
    )
    .addOption(
      new Option(
        '--version <version>',
        'the tag of an image (default: BUILD_BUILDID, GITHUB_RUN_ID)',
      ).conflicts('sha'),
    )
    .option('--reason <text>', 'why, for approvers and the record')
    .option('--approval', "ask for the environment's optional approval")
    .action(async (service, environment, options, command) =>
      run(command, async (c) =>
        (await import('./verbs/deploy.ts')).deploy(c, { service, environment, ...options }),
      ),
    );

  addHostVerbs(program, run, wait);

  program
    .command('init')
    .description(
      "write conveyor.yaml, or with --service a service's deployments/; asks at a terminal",
    )
    .option('--service [name]', 'write deployments/ for this service (default: what is found here)')
    .option('--platform <owner/name>', "the platform's repository (default: git's origin)")
    .option(
      '--environment <name>',
      'with --service a name, else <name>=<account>[@<region>]; again for each',
      (name: string, names: readonly string[] = []) => [...names, name],
    )
    .addOption(
      new Option('--path <folder>', 'with --service: what the build writes').conflicts('tarball'),
    )
    .option('--tarball <file>', 'with --service: the .tar.gz that the build packs')
    .option('--account <account>', 'that Conveyor runs in (default: of your credentials)')
    .option('--region <region>', 'that Conveyor runs in (default: of your credentials)')
    .option('--branch <name>', "the Ledger's branch", 'main')
    .option('--token <name>', "SSM parameter of the Ledger's token", '/conveyor/github/token')
    .option('--yes', 'take what is found, and ask nothing')
    .option('--force', 'replace files that say something else')
    .action(async (options, command) =>
      run(command, async (c) => (await import('./verbs/init.ts')).init(c, options)),
    );

  program
    .command('validate')
    .description('check conveyor.yaml and deployments/')
    .argument('[path...]', 'files or folders (default: the nearest that are, here or above)')
    .action(async (paths, _, command) =>
      run(command, async (c) => (await import('./verbs/validate.ts')).validate(c, { paths })),
    );
  for (const command of [program, ...program.commands]) common(command);
  return program;
}

/** Understood before and after the verb. */
function common(command: Command): void {
  command
    .option('--json', 'print one JSON object on stdout')
    .option('--quiet', 'print no progress')
    .option('--endpoint <url>', 'the API (else CONVEYOR_ENDPOINT, else SSM /conveyor/api/url)');
}

async function report(
  { host, clock, report: tell }: ProgramHost,
  command: Command,
  verb: Verb,
): Promise<void> {
  const { openContext } = await import('./context.ts');
  try {
    tell(
      command.name(),
      await verb(openContext(host, await clock(), command.optsWithGlobals(), command.name())),
    );
  } catch (error) {
    tell(command.name(), failed(error, command.name()));
  }
}
