import { invalidArtifact } from './invalid-artifact.ts';

/** What an extended header changes about the entry behind it. */
export interface PaxRecords {
  readonly path?: Buffer;
  readonly link?: Buffer;
  readonly size?: number;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
/** File capabilities: they give a program root's rights as setuid does. */
const CAPABILITY = /^(SCHILY|LIBARCHIVE)\.xattr\.security\.capability$/;
/** Sparse files, volumes and dump directories. */
const NOT_A_FILE = /^GNU\.|^SCHILY\.realsize$/;

/**
 * Reads the records of a pax extended header, `<length> <key>=<value>\n` each (POSIX.1-2017, pax).
 * @throws InvalidArtifact corrupt, unsupported, setuid
 */
export function readPax(content: Buffer, global: boolean): PaxRecords {
  const records = parseRecords(content);
  for (const key of records.keys()) {
    if (CAPABILITY.test(key))
      throw invalidArtifact('setuid', 'An entry carries file capabilities', { key });
    if (NOT_A_FILE.test(key))
      throw invalidArtifact('unsupported', `An entry needs ${key}`, { key });
    if (global && ['path', 'linkpath', 'size'].includes(key))
      throw invalidArtifact('unsupported', `One ${key} is given for all entries`, { key });
  }
  const path = records.get('path');
  const link = records.get('linkpath');
  const size = records.get('size');
  return {
    ...(path !== undefined && { path }),
    ...(link !== undefined && { link }),
    ...(size !== undefined && { size: decimal(size) }),
  };
}

function parseRecords(content: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(SPACE, at);
    const length = space === -1 ? 0 : decimal(content.subarray(at, space));
    const record = content.subarray(at, at + length);
    const equals = record.indexOf('=');
    const begin = space - at + 1;
    if (record.length !== length || record.at(-1) !== NEWLINE || equals <= begin)
      throw malformed(at);
    const key = record.toString('utf8', begin, equals);
    if (records.has(key))
      throw invalidArtifact('unsupported', `An entry says ${key} twice`, { key });
    records.set(key, record.subarray(equals + 1, -1));
    at += length;
  }
  return records;
}

function decimal(digits: Buffer): number {
  if (!/^\d{1,15}$/.test(digits.toString('latin1'))) throw malformed(0);
  return Number(digits.toString('latin1'));
}

const malformed = (at: number) =>
  invalidArtifact('corrupt', `An extended header is malformed at its byte ${at}`);
