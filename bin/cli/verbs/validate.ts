import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { readConfig } from '../../../infra/config.ts';
import { NotFound } from '../../../lambdas/domain/errors.ts';
import { countWords, listWords } from '../../../lambdas/view/words.ts';
import type { Context } from '../context.ts';
import { done, type Outcome } from '../outcome.ts';

export async function validate({ host }: Context, { file }: { file?: string }): Promise<Outcome> {
  const path = file === undefined ? nearestConfig(host.cwd) : resolve(host.cwd, file);
  const shown = relative(host.cwd, path);
  const name = isAbsolute(shown) || shown.startsWith('..') ? path : shown;
  const config = readConfig(path === resolve(name) ? name : path);
  const counts = [
    countWords(Object.keys(config.environments).length, 'environment'),
    countWords(Object.keys(config.services).length, 'service'),
    countWords(Object.keys(config.people).length, 'person', 'people'),
  ];
  return done(
    {
      file: name,
      environments: Object.keys(config.environments),
      services: Object.keys(config.services),
    },
    `${name} is valid: ${listWords(counts)}.`,
  );
}

function nearestConfig(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'conveyor.yaml');
    if (existsSync(file)) return file;
    if (folder === dirname(folder))
      throw new NotFound('no conveyor.yaml is here or in a folder above', {
        fix: 'Name the file: conveyor validate <file>',
      });
  }
}
