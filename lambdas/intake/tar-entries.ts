import { invalidArtifact } from './invalid-artifact.ts';
import { readHeader, TAR_BLOCK, type TarHeader } from './tar-header.ts';
import { printable } from './tar-names.ts';
import { type PaxRecords, readPax } from './tar-pax.ts';

/** An entry with what the headers before it said about it. */
export interface TarEntry {
  readonly type: string;
  readonly path: Buffer;
  /** The name in the entry's own header: what a reader sees that does not know the longer form. */
  readonly shortPath: Buffer;
  readonly link: Buffer;
  readonly size: number;
  readonly mode: number;
}

/** What the reader wants next: so many bytes at once, so many dropped, or whatever there is. */
export type Wish =
  | { readonly want: 'bytes' | 'skip'; readonly length: number }
  | { readonly want: 'rest' };

type Read<T> = Generator<Wish, T, Buffer | undefined>;

/** Names take a few hundred bytes; what is larger is somebody else's metadata, and would be held in memory. */
const MOST_EXTENDED = 1024 ** 2;
const EXTENDED = 'xgLK';

/**
 * Reads a tar stream as a coroutine: it yields what it wants, and is sent that, or nothing at the stream's end.
 * Each entry is judged before its contents are skipped. Our own reader, since a library's gives names as text
 * already repaired, resolves contradictions silently, and holds an extended header of any size in memory.
 * @throws InvalidArtifact
 */
export function* readEntries(judge: (entry: TarEntry) => void): Read<void> {
  let extended: Extended = {};
  let seenGlobal = false;
  let announced = false;
  for (let first = true; ; first = false) {
    const header = yield* readNext(first);
    if (header === undefined) break;
    if (!EXTENDED.includes(header.type)) {
      const entry = entryOf(header, extended);
      judge(entry);
      yield* skip(entry);
      extended = {};
      announced = false;
      continue;
    }
    announced = true;
    const content = yield* readExtended(header);
    if (header.type !== 'g') extended = extend(extended, header.type, content);
    else {
      if (seenGlobal || Object.keys(extended).length > 0) throw muddled(header);
      readPax(content, true);
      seenGlobal = true;
    }
  }
  // Python's tarfile cannot read it.
  if (announced) throw truncated('after a header that announces an entry');
  yield* requireZeros();
}

interface Extended {
  readonly pax?: PaxRecords;
  readonly gnuPath?: Buffer;
  readonly gnuLink?: Buffer;
}

/** The next header; nothing at the archive's end, which is two blocks of zeros. */
function* readNext(first: boolean): Read<TarHeader | undefined> {
  const block = yield { want: 'bytes', length: TAR_BLOCK };
  if (block === undefined) {
    if (first) throw invalidArtifact('not-tar', 'What was unpacked is shorter than a tar header');
    throw truncated('without the two empty blocks that end a tar archive');
  }
  if (!isZero(block)) {
    const header = readHeader(block);
    if (header !== undefined) return header;
    if (first) throw invalidArtifact('not-tar', 'What was unpacked begins with no tar header');
    throw invalidArtifact('corrupt', 'A header has a checksum that is not its own');
  }
  const second = yield { want: 'bytes', length: TAR_BLOCK };
  if (second === undefined) throw truncated('with one empty block instead of two');
  if (!isZero(second)) throw trailing();
  return undefined;
}

function* readExtended(header: TarHeader): Read<Buffer> {
  if (header.size > MOST_EXTENDED)
    throw invalidArtifact('unsupported', `An extended header has ${header.size} bytes`);
  const padded = yield { want: 'bytes', length: paddedTo(header.size) };
  if (padded === undefined) throw truncated('in the middle of an extended header');
  return padded.subarray(0, header.size);
}

/** One way to say a thing: readers differ in which of two they believe. */
function extend(so: Extended, type: string, content: Buffer): Extended {
  if (type === 'x' && Object.keys(so).length === 0) return { pax: readPax(content, false) };
  const name = content.at(-1) === 0 ? content.subarray(0, -1) : content;
  if (type === 'L' && so.pax === undefined && so.gnuPath === undefined)
    return { ...so, gnuPath: name };
  if (type === 'K' && so.pax === undefined && so.gnuLink === undefined)
    return { ...so, gnuLink: name };
  throw muddled({ type });
}

function entryOf(header: TarHeader, { pax, gnuPath, gnuLink }: Extended): TarEntry {
  return {
    type: header.type,
    path: pax?.path ?? gnuPath ?? header.name,
    shortPath: header.name,
    link: pax?.link ?? gnuLink ?? header.link,
    size: pax?.size ?? header.size,
    mode: header.mode,
  };
}

function* skip({ size, path }: TarEntry): Read<void> {
  if (size === 0) return;
  const skipped = yield { want: 'skip', length: paddedTo(size) };
  if (skipped === undefined) throw truncated(`in the middle of ${printable(path)}`);
}

function* requireZeros(): Read<void> {
  for (;;) {
    const chunk = yield { want: 'rest' };
    if (chunk === undefined) return;
    if (!isZero(chunk)) throw trailing();
  }
}

const ZEROS = Buffer.alloc(64 * 1024);

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (part.compare(ZEROS, 0, part.length) !== 0) return false;
  }
  return true;
}

const paddedTo = (size: number) => Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
const truncated = (where: string) => invalidArtifact('truncated', `The tar archive stops ${where}`);
const trailing = () =>
  invalidArtifact('trailing-garbage', 'There is more behind the end of the tar archive');
const muddled = ({ type }: { readonly type: string }) =>
  invalidArtifact('unsupported', `Extended headers contradict each other at one of type ${type}`);
