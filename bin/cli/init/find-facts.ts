import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ServiceName } from '../../../lambdas/domain/names.ts';

const run = promisify(execFile);

/** Where builds write to, most telling first. */
const BUILD_FOLDERS = ['dist', 'build', 'out', 'publish', 'target'];

/** `owner/name` of the remote that is called origin; undefined where there is none. */
export async function findRemote(cwd: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', ['remote', 'get-url', 'origin'], { cwd, timeout: 10_000 });
    return repositoryOf(stdout.trim());
  } catch {
    return undefined;
  }
}

/** By https or ssh, with or without `.git`; a path on this machine names nobody. Whatever stands before an @ is left out. */
export function repositoryOf(remote: string): string | undefined {
  const path =
    /^[a-z+]+:\/\/[^/]+\/(.+)$/.exec(remote)?.[1] ?? /^[^/:]+@[^/:]+:(.+)$/.exec(remote)?.[1];
  return /([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(path ?? '')?.[1];
}

/** What the service calls itself, made a service's name; its folder's name otherwise. */
export function findServiceName(root: string): string | undefined {
  const told = [
    packageName(text(join(root, 'package.json'))),
    /^name\s*=\s*["']([^"']+)["']/m.exec(text(join(root, 'pyproject.toml')))?.[1],
    moduleName(text(join(root, 'go.mod'))),
  ];
  for (const name of [...told, basename(root)]) {
    const service = ServiceName.safeParse(
      name
        ?.toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^[^a-z]+|-+$/g, '')
        .slice(0, 40),
    );
    if (service.success) return service.data;
  }
  return undefined;
}

/** The folder that a build has written to. */
export function findBuildFolder(root: string): string | undefined {
  return BUILD_FOLDERS.find((name) =>
    statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory(),
  );
}

/** The last part of its path that is no major version ("Major version suffixes", Go modules reference). */
function moduleName(text: string): string | undefined {
  const parts = /^module\s+(\S+)/m.exec(text)?.[1]?.split('/') ?? [];
  return parts.filter((part, at) => at === 0 || !/^v\d+$/.test(part)).at(-1);
}

/** Without its scope. */
function packageName(json: string): string | undefined {
  try {
    const { name } = JSON.parse(json) as { name?: unknown };
    return typeof name === 'string' ? name.replace(/^@[^/]*\//, '') : undefined;
  } catch {
    return undefined;
  }
}

function text(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
