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
 * conveyor.mjs, and beside it in conveyor/ what a verb imports: as one file of 1.4 MB, V8 spends 90 ms on reading
 * AWS's SDK and zod before `--help` can speak; so it spends 25.
 */
export async function bundleCli(outdir: string, root = ROOT): Promise<string> {
  await rm(join(outdir, 'conveyor'), { recursive: true, force: true });
  await build({
    entryPoints: { conveyor: join(root, 'bin', 'conveyor.ts') },
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'conveyor/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minify: true,
    // The SDK's CommonJS hides its exports from a bundler; its ES modules do not.
    mainFields: ['module', 'main'],
    // Error classes are told apart, and printed, by name.
    keepNames: true,
    banner: { js: BANNER },
    legalComments: 'none',
    logLevel: 'warning',
  });
  const outfile = join(outdir, 'conveyor.mjs');
  await chmod(outfile, 0o755);
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildCli();
