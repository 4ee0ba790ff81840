import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUT = join(ROOT, 'dist/lambdas');

/** `copy-image` → the file it is built from; the name is the function's everywhere. */
export function entryPoints(): ReadonlyMap<string, string> {
  const files = readdirSync(join(ROOT, 'lambdas'), { recursive: true, encoding: 'utf8' });
  const entries = files.filter((file) => /\.lambda\.tsx?$/.test(file)).sort();
  return new Map(
    entries.map((file) => [
      basename(file).replace(/\.lambda\.tsx?$/, ''),
      join(ROOT, 'lambdas', file),
    ]),
  );
}

let built = false;

/**
 * Bundles every `*.lambda.ts` in one esbuild run (a run per function costs a process each; seen as minutes of synth
 * in aws-cdk#10286). Everything is bundled: the runtime's own SDK is of a version nobody pinned.
 */
export function bundleLambdas(): void {
  if (built) return;
  const entries = Object.fromEntries(
    [...entryPoints()].map(([name, file]) => [`${name}/index`, file]),
  );
  mkdirSync(OUT, { recursive: true });
  buildSync({
    entryPoints: entries,
    outdir: OUT,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    // Some dependencies are CommonJS and ask for node: modules by require().
    banner: {
      js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
    },
    legalComments: 'none',
    logLevel: 'error',
  });
  built = true;
}

/** The folder with one function's `index.mjs`. */
export function bundleOf(name: string): string {
  bundleLambdas();
  return join(OUT, name);
}

/** Bytes of a function's minified bundle. */
export function bundleSize(name: string): number {
  return readFileSync(join(bundleOf(name), 'index.mjs')).byteLength;
}
