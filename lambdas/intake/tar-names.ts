/** PATH_MAX is 4,096 with its NUL (Linux, limits.h); a quarter is left to the folder it is unpacked into. */
const MOST_PATH_BYTES = 3072;
/** NAME_MAX of ext4, XFS and APFS. */
const MOST_SEGMENT_BYTES = 255;

/** Control and line-ending characters, and those that make a name read otherwise than it is written (UAX #9). */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const EACH_UNSEEN = new RegExp(UNSEEN, 'gu');
const MOST_PRINTED = 200;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A name as text, or nothing where it is not UTF-8. */
export function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What is wrong with a path or link target, as the end of a sentence that begins with it. */
export function nameTrouble(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (UNSEEN.test(name)) return 'has control characters';
  // A separator on Windows, an escape to shells and systemd: nobody means it.
  if (name.includes('\\')) return 'has a backslash';
  const bytes = Buffer.byteLength(name);
  if (bytes > MOST_PATH_BYTES) return `has over ${MOST_PATH_BYTES} bytes`;
  const isLong = (segment: string) => Buffer.byteLength(segment) > MOST_SEGMENT_BYTES;
  if (bytes > MOST_SEGMENT_BYTES && segmentsOf(name).some(isLong))
    return `has a part of over ${MOST_SEGMENT_BYTES} bytes`;
  return undefined;
}

/** The parts of a path, without those that mean nothing. */
export function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '' && segment !== '.');
}

/** A name for messages and records: one line, nothing that a terminal or a log reader would obey, not endless. */
export function printable(name: string | Uint8Array): string {
  const text = typeof name === 'string' ? name : Buffer.from(name).toString('utf8');
  const seen = text.replace(
    EACH_UNSEEN,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return seen.length > MOST_PRINTED ? `${seen.slice(0, MOST_PRINTED)}…` : seen;
}
