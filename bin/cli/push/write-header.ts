import { checksumOf, TAR_BLOCK } from '../../../lambdas/intake/tar-header.ts';
import { nameInArchive, type PlannedEntry } from './plan-tree.ts';

/**
 * When all entries say they were modified: 2000-01-01T00:00:00Z. Not 0, since 1970 is before what ZIP can hold
 * (from 1980; Python's zipfile then refuses to archive a release's files), and 2000 is no other decade in any
 * time zone.
 */
export const MODIFIED_SECONDS = 946_684_800;

const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Eleven octal digits. */
const MOST_SIZE = 0o77777777777;
/** Where the pax header has the path. Not its beginning: cut anywhere, that could end in `..` or in half a letter. */
const LONG_NAME = Buffer.from('@long-path');
const TYPES = { file: '0', folder: '5', link: '2' } as const;

/**
 * The header blocks of an entry: ustar, before it a pax header only where ustar's fields are too short (POSIX.1-2017,
 * pax). Our own, since a library may write other bytes after its next update, and the digest is promised to stay.
 */
export function writeHeader(entry: PlannedEntry): Buffer {
  const name = Buffer.from(nameInArchive(entry));
  const target = Buffer.from(entry.target);
  const split = splitName(name);
  const records = [
    ...(entry.target !== '' && target.length > NAME_BYTES ? [record('linkpath', target)] : []),
    ...(split === undefined ? [record('path', name)] : []),
    ...(entry.size > MOST_SIZE ? [record('size', Buffer.from(String(entry.size)))] : []),
  ];
  const header = block({
    name: split?.name ?? LONG_NAME,
    prefix: split?.prefix ?? Buffer.alloc(0),
    link: target.subarray(0, NAME_BYTES),
    mode: entry.executable || entry.kind === 'folder' ? 0o755 : 0o644,
    size: entry.size > MOST_SIZE ? 0 : entry.size,
    type: TYPES[entry.kind],
  });
  return records.length === 0 ? header : Buffer.concat([extended(Buffer.concat(records)), header]);
}

interface Fields {
  readonly name: Buffer;
  readonly prefix: Buffer;
  readonly link: Buffer;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
}

function block({ name, prefix, link, mode, size, type }: Fields): Buffer {
  const header = Buffer.alloc(TAR_BLOCK);
  name.copy(header, 0);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(MODIFIED_SECONDS, 11), 136);
  header.write(type, 156);
  link.copy(header, 157);
  header.write('ustar\x0000', 257);
  header.write(octal(0, 7), 329);
  header.write(octal(0, 7), 337);
  prefix.copy(header, 345);
  header.write(`${octal(checksumOf(header), 6)}\0 `, 148);
  return header;
}

/** Cut at a slash so that both halves fit, the first as short as can be; nothing where that cannot be. */
function splitName(name: Buffer): { readonly name: Buffer; readonly prefix: Buffer } | undefined {
  if (name.length <= NAME_BYTES) return { name, prefix: Buffer.alloc(0) };
  const at = name.indexOf('/', name.length - NAME_BYTES - 1);
  const fits = at > 0 && at <= PREFIX_BYTES && at < name.length - 1;
  return fits ? { prefix: name.subarray(0, at), name: name.subarray(at + 1) } : undefined;
}

function extended(records: Buffer): Buffer {
  const padding = Buffer.alloc((TAR_BLOCK - (records.length % TAR_BLOCK)) % TAR_BLOCK);
  const header = block({
    name: Buffer.from('././@PaxHeader'),
    prefix: Buffer.alloc(0),
    link: Buffer.alloc(0),
    mode: 0o644,
    size: records.length,
    type: 'x',
  });
  return Buffer.concat([header, records, padding]);
}

/** `<length> <key>=<value>\n`, the length that of the whole record, its own digits with it. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (length !== rest.length + String(length).length)
    length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
