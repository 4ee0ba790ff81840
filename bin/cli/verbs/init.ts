import { resolve } from 'node:path';
import { NEXT } from '../../../lambdas/view/next.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { Asking } from '../init/ask-values.ts';
import { initPlatform, type PlatformFlags } from '../init/init-platform.ts';
import { initService, type ServiceFlags } from '../init/init-service.ts';
import { type Written, writeFiles } from '../init/write-files.ts';
import { done, type Outcome } from '../outcome.ts';

type Options = PlatformFlags &
  Omit<ServiceFlags, 'service'> & {
    readonly service?: string | true;
    readonly force?: boolean;
    readonly yes?: boolean;
  };

const WORDS: Readonly<Record<Written['outcome'], string>> = {
  written: 'wrote',
  replaced: 'replaced',
  unchanged: 'is there already:',
};

/** Writes what a platform's, or with `service` a service's repository begins with, from what it finds and is told. */
export async function init(given: Context, options: Options): Promise<Outcome> {
  const context = { ...given, host: { ...given.host, cwd: resolve(given.host.cwd) } };
  const asking = new Asking(context, options.yes === true);
  const { service } = options;
  const { interrupted } = context.host;
  try {
    const files =
      service === undefined
        ? await initPlatform(context, asking, options)
        : await initService(context, asking, { ...options, service });
    const written = writeFiles(context.host.cwd, files, options.force === true);
    const text = written.map(({ file, outcome }) => `${WORDS[outcome]} ${file}`).join('\n');
    return done({ files: written }, text, [NEXT.validate()]);
  } catch (error) {
    if (!interrupted.aborted) throw error;
    return {
      exit: EXIT.interrupted,
      error: { code: 'Interrupted', message: 'nothing was written' },
      next: [NEXT.help('init')],
    };
  }
}
