import { chmod, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const APART = 'conveyor-ssm.mjs';

/** What CommonJS packages inside an ES module still ask for. */
const BANNER = [
  "import { createRequire as conveyorRequire } from 'node:module';",
  'const require = conveyorRequire(import.meta.url);',
].join('\n');

/** Bundles the CLI and links `node_modules/.bin/conveyor` to it: `npx conveyor` in this checkout is ours. */
export async function buildCli(root = ROOT): Promise<string> {
  const outfile = await bundleCli(join(root, 'dist'), root);
  const link = join(root, 'node_modules', '.bin', 'conveyor');
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(relative(dirname(link), outfile), link);
  return outfile;
}

/**
 * One file, and beside it what `ssm` alone needs, each whole or not at all: whoever runs the command meanwhile has the old one.
 * Its size is its start-up time, as V8 reads a module to its end before the first line runs: what a verb needs of the SDK is
 * imported by name, so that the rest falls away (bench/cli-start.ts holds `--help` against `node -e 0`), and EC2's client, which
 * is as large as all the rest, is apart. Pipelines that push and deploy need the one file.
 */
export async function bundleCli(outdir: string, root = ROOT): Promise<string> {
  await bundle(join(root, 'bin', 'cli', 'verbs', 'ssm.ts'), join(outdir, APART));
  const outfile = join(outdir, 'conveyor.mjs');
  await bundle(join(root, 'bin', 'conveyor.ts'), outfile);
  return outfile;
}

async function bundle(entry: string, outfile: string): Promise<void> {
  const written = outfile.replace(/\.mjs$/, `-${process.pid}.mjs`);
  await build({
    entryPoints: [entry],
    outfile: written,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    // Error classes are told apart, and printed, by name.
    keepNames: true,
    banner: { js: BANNER },
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [
      {
        name: 'apart',
        setup: (made) =>
          made.onResolve({ filter: /^\.\/verbs\/ssm\.ts$/ }, () => ({
            path: `./${APART}`,
            external: true,
          })),
      },
    ],
  });
  await chmod(written, 0o755);
  await rename(written, outfile);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildCli();
