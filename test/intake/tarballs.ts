import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { inspectTarball, type TarballFacts } from '../../lambdas/intake/inspect-tarball.ts';
import { type ArtifactDefect, InvalidArtifact } from '../../lambdas/intake/invalid-artifact.ts';
import type { TarballLimits } from '../../lambdas/intake/tarball-limits.ts';

/** On macOS `tar` is bsdtar, and GNU's is called gtar. */
const GNU_TAR = process.platform === 'darwin' ? 'gtar' : 'tar';
const BLOCK = 512;

/** An empty folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'conveyor-tar-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs GNU tar, which must neither fail nor warn. */
export function gnuTar(args: readonly string[], input?: Buffer): Buffer {
  return run(GNU_TAR, args, input);
}

/** Runs Python with `tarfile`, `io` and `sys` at hand; what the script writes to `out` comes back. */
export function python(script: string, input?: Buffer): Buffer {
  const prelude = 'import tarfile, io, sys\nout = sys.stdout.buffer\n';
  return run('python3', ['-c', prelude + script], input);
}

function run(command: string, args: readonly string[], input: Buffer = Buffer.alloc(0)): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    maxBuffer: 64 * 1024 ** 2,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  if (error !== undefined || status !== 0 || stderr.length > 0)
    throw new Error(`${command} ${args.join(' ')}: ${error ?? stderr}`);
  return stdout;
}

export interface HandMade {
  readonly name?: string | Buffer;
  readonly type?: string;
  readonly mode?: number;
  readonly link?: string | Buffer;
  readonly content?: string | Buffer;
  /** What the header says, where that is not the contents' length. */
  readonly size?: number | string | Buffer;
  readonly magic?: string;
  readonly prefix?: string;
  /** Keeps the checksum of the header as it was before this change. */
  readonly spoil?: (header: Buffer) => void;
}

/** One entry, header and contents, saying whatever it is told to. */
export function entry(made: HandMade): Buffer {
  const content = Buffer.from(made.content ?? '');
  const header = Buffer.alloc(BLOCK);
  Buffer.from(made.name ?? 'file').copy(header, 0, 0, 100);
  header.write(`${octal(made.mode ?? 0o644, 7)}\0`, 100);
  header.write(`${octal(0, 7)}\0${octal(0, 7)}\0`, 108);
  const size = made.size ?? content.length;
  header.set(Buffer.from(typeof size === 'number' ? `${octal(size, 11)} ` : size), 124);
  header.write(`${octal(0, 11)} `, 136);
  header.write(made.type ?? '0', 156, 'latin1');
  Buffer.from(made.link ?? '').copy(header, 157, 0, 100);
  header.write(made.magic ?? 'ustar\x0000', 257, 'latin1');
  header.write(made.prefix ?? '', 345, 155);
  header.write('        ', 148);
  header.write(`${octal(sum(header), 6)}\0 `, 148);
  made.spoil?.(header);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding]);
}

/** A pax extended header with these records. */
export function pax(records: Readonly<Record<string, string | Buffer>>, type = 'x'): Buffer {
  const content = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
    const digits = [1, 2, 3, 4, 5, 6].find((n) => String(rest.length + n).length === n) ?? 7;
    return Buffer.concat([Buffer.from(String(rest.length + digits)), rest]);
  });
  return entry({ name: 'pax', type, content: Buffer.concat(content) });
}

/** GNU's header for a long name (`L`) or link target (`K`). */
export const gnuLong = (type: 'L' | 'K', name: string) =>
  entry({ name: '././@LongLink', type, content: `${name}\0`, magic: 'ustar  \0' });

export const END = Buffer.alloc(2 * BLOCK);

/** A whole tarball of these parts. */
export const tarball = (...parts: readonly Buffer[]) => gzipSync(Buffer.concat([...parts, END]));

/** These bytes in chunks of one size, each a buffer of its own. */
export async function* chunked(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

export const inspect = (
  bytes: Buffer,
  limits: Partial<TarballLimits> = {},
  chunk?: number,
): Promise<TarballFacts> => inspectTarball(chunked(bytes, chunk), limits);

/** Why this is refused. Taking it in, or failing in another way, is an error. */
export async function defectOf(inspected: Promise<unknown>): Promise<ArtifactDefect> {
  const failure = await refusalOf(inspected);
  return failure.data.code as ArtifactDefect;
}

export async function refusalOf(inspected: Promise<unknown>): Promise<InvalidArtifact> {
  try {
    await inspected;
  } catch (error) {
    if (error instanceof InvalidArtifact) return error;
    throw error;
  }
  throw new Error('It was taken in');
}

export const sha256 = (bytes: Buffer) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
const sum = (header: Buffer) => header.reduce((total, byte) => total + byte, 0);
