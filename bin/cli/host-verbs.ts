import type { Command } from 'commander';
import type { Run, Wait } from './program.ts';

/** What is done to hosts beside promotions. */
export function addHostVerbs(program: Command, run: Run, wait: Wait): void {
  wait(program.command('provision'), 'wait')
    .description(
      'bring hosts to what is declared: folders, units, descriptors, credentials; never code',
    )
    .argument('[service]', 'default: every service of the environment')
    .argument('[environment]')
    .option('--plan', 'print what would change on each host, and change nothing')
    .action(async (first, second, options, command) =>
      run(command, async (c) =>
        (await import('./verbs/provision.ts')).provision(c, { first, second, ...options }),
      ),
    );

  program
    .command('ssm')
    .description(
      'emergency: bring hosts to a version that is there, past Conveyor, with your own credentials',
    )
    .argument('<service>')
    .argument('<environment>')
    .requiredOption('--tag <version>', 'the build or the commit; the environment must have it')
    .option('--config <file>', 'default: the nearest conveyor.yaml, here or above')
    .option('--ledger <folder>', "a checkout of the Ledger (default: conveyor.yaml's folder)")
    .option(
      '--host <instance>',
      'this host alone; again for each',
      (host: string, hosts: readonly string[] = []) => [...hosts, host],
    )
    .option('--yes', 'do not ask for the name of the service')
    .option('--timeout <duration>', 'how long to wait, like 30m', '30m')
    .action(async (service, environment, options, command) =>
      run(command, async (c) =>
        (await import('./verbs/ssm.ts')).ssm(c, { service, environment, ...options }),
      ),
    );
}
