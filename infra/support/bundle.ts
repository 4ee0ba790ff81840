import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync, type Metafile } from 'esbuild';

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

let built: Metafile | undefined;

/**
 * Bundles every `*.lambda.ts` in one esbuild run (a run per function costs a process each; seen as minutes of synth
 * in aws-cdk#10286). Everything is bundled: the runtime's own SDK is of a version nobody pinned.
 */
export function bundleLambdas(): Metafile {
  if (built !== undefined) return built;
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(
      [...entryPoints()].map(([name, file]) => [`${name}/index`, file]),
    ),
    outdir: OUT,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    // An error's class name is what state machines catch by.
    keepNames: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    alias: { '@aws-sdk/credential-provider-node': join(ROOT, 'lambdas/runtime/credentials.ts') },
    // Some dependencies are CommonJS and ask for node: modules by require().
    banner: {
      js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
    },
    define: {
      BOOTSTRAP_SH: JSON.stringify(
        readFileSync(join(ROOT, 'infra/documents/bootstrap.sh'), 'utf8'),
      ),
    },
    legalComments: 'none',
    logLevel: 'error',
    metafile: true,
    write: false,
  });
  for (const { path, contents } of outputFiles) writeIfNew(path, contents);
  built = metafile;
  return metafile;
}

/** Whole or not at all: a synth and a test may bundle at the same time. */
function writeIfNew(path: string, contents: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const there = readdirSync(dirname(path)).includes(basename(path));
  if (there && readFileSync(path).equals(contents)) return;
  const draft = join(OUT, `.${basename(dirname(path))}-${process.pid}`);
  writeFileSync(draft, contents);
  renameSync(draft, path);
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

/** The files that went into a function's bundle, each with its share in bytes. */
export function bundleInputs(name: string): ReadonlyMap<string, number> {
  const output = bundleLambdas().outputs[`dist/lambdas/${name}/index.mjs`];
  if (output === undefined) throw new Error(`There is no lambdas/**/${name}.lambda.ts`);
  return new Map(
    Object.entries(output.inputs).map(([file, { bytesInOutput }]) => [file, bytesInOutput]),
  );
}
