import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One call of a tool that stands in for somebody else's. */
export interface Call {
  readonly tool: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

const STAND_IN = fileURLToPath(new URL('stand-in.bash', import.meta.url));

/**
 * Puts tools of others into a directory: each notes how it was called, and answers by files of `state`, which a test
 * may write:
 *
 * - `tag`: the digest that the tag names in ECR; none while there is no such file. `crane tag` writes it.
 * - `denied`: ECR answers nothing, but this.
 * - `refused-tag`: the registry does not take a tag; from then on it names what is in this file, if anything.
 * - `config`: the configuration of the image that is built, instead of an honest one.
 * - `<tool>.exit`, `<tool>-<first argument>.exit`: with which code that call ends.
 * - `download`: what `curl` brings.
 */
export function putStandIns(directory: string, state: string, names: readonly string[]): void {
  mkdirSync(directory, { recursive: true });
  mkdirSync(state, { recursive: true });
  for (const name of names) {
    const file = join(directory, name);
    writeFileSync(file, `#!/bin/bash\nTOOL='${name}' STATE='${state}'\n. '${STAND_IN}'\n`);
    chmodSync(file, 0o755);
  }
}

/** All calls of all tools, in their order. */
export function callsIn(state: string): readonly Call[] {
  const folder = join(state, 'calls');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((number) => {
      const text = (name: string) => {
        const file = join(folder, number, name);
        return existsSync(file) ? readFileSync(file, 'utf8') : '';
      };
      const list = (name: string) => text(name).split('\0').slice(0, -1);
      return {
        tool: text('tool'),
        args: list('args'),
        cwd: text('cwd').trimEnd(),
        env: Object.fromEntries(list('env').map((one) => one.split(/=(.*)/s).slice(0, 2))),
        stdin: text('stdin'),
      };
    });
}
