import { chmod, mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What CommonJS packages inside an ES module still ask for. */
const BANNER = [
  "import { createRequire as conveyorRequire } from 'node:module';",
  'const require = conveyorRequire(import.meta.url);',
].join('\n');

/**
 * Bundles the CLI into one file, so that starting it reads one file, and links `node_modules/.bin/conveyor` to it:
 * `npx conveyor` in this checkout is ours, never the other project's of that name.
 */
export async function buildCli(root = ROOT): Promise<string> {
  const outfile = join(root, 'dist', 'conveyor.mjs');
  await build({
    entryPoints: [join(root, 'bin', 'conveyor.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minify: true,
    // Error classes are told apart, and printed, by name.
    keepNames: true,
    banner: { js: BANNER },
    legalComments: 'linked',
    logLevel: 'warning',
  });
  await chmod(outfile, 0o755);
  const link = join(root, 'node_modules', '.bin', 'conveyor');
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(relative(dirname(link), outfile), link);
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildCli();
