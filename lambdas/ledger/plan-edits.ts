import { createHash } from 'node:crypto';
import { LedgerConflict, LedgerInvalid } from '../domain/errors.ts';
import type { LedgerDiff } from '../domain/promotion.ts';
import type { LedgerSnapshot } from '../ports/ledger.ts';
import { readKey, type Splice, spliceKey } from './edit-yaml.ts';
import { splitKey } from './find-scalar.ts';
import { type HostsEdit, spliceHosts } from './hosts-edit.ts';
import { parseManifest } from './parse-manifest.ts';
import { spliceMapping } from './splice-mapping.ts';

/** One key that shall say something. */
export interface LedgerEdit {
  readonly path: string;
  readonly key: string;
  readonly value: string;
  /** What it said when people decided; anything else there now is somebody's change. */
  readonly expected?: string | undefined;
  /** Where the key is not there, it is put there; what it says until then is nothing. */
  readonly insert?: boolean;
}

export interface EditPlan {
  /** Only what changes; empty where the Ledger already says all of it. */
  readonly files: ReadonlyMap<string, string>;
  readonly changes: readonly LedgerDiff[];
}

export interface EditPreview {
  readonly head: string;
  /** One for each edit; `before` equals `after` where it is already so. */
  readonly changes: readonly (LedgerDiff & {
    /** The file's git blob id, to notice that it was edited since; in a manifest of hosts, of what the key says. */
    readonly blob: string;
  })[];
}

/**
 * What the edits make of these files, all of them or none.
 * @throws LedgerInvalid, LedgerConflict
 */
export function planEdits(
  current: ReadonlyMap<string, string>,
  edits: readonly (LedgerEdit | HostsEdit)[],
): EditPlan {
  const files = new Map<string, string>();
  const changes: LedgerDiff[] = [];
  for (const edit of edits) {
    const { path, key } = edit;
    const text = files.get(path) ?? fileOf(current, path);
    const splice = 'hosts' in edit ? spliceHosts(text, edit) : spliceValue(text, edit);
    if ('value' in edit) refuseForeignChange(edit, splice.before);
    if (splice.text === text) continue;
    files.set(path, splice.text);
    changes.push({ path, key, line: splice.line, before: splice.before, after: splice.after });
  }
  return { files, changes };
}

/**
 * What an approver is shown: each line before and after, bound to the file's blob. Changes nothing.
 * @throws LedgerInvalid
 */
export function previewEdits(snapshot: LedgerSnapshot, edits: readonly LedgerEdit[]): EditPreview {
  const changes = edits.map((edit) => {
    const { path, key, value } = edit;
    const text = fileOf(snapshot.files, path);
    const { before, line } = spliceValue(text, edit);
    // A manifest of hosts changes with every service and every host in it: what binds is the line that is shown.
    const blob = blobId(edit.insert ? `${path} ${key} ${before}` : text);
    return { path, key, line, before, after: value, blob };
  });
  return { head: snapshot.head, changes };
}

/** What a key says; empty where it is not there. @throws LedgerInvalid where the file is not there, or not YAML */
export function valueIn(files: ReadonlyMap<string, string>, path: string, key: string): string {
  const text = fileOf(files, path);
  return hasKey(text, key, path) ? readKey(text, key, path).value : '';
}

/** The id git gives this text (gitformat-pack: "blob", length, NUL, content). */
export function blobId(text: string): string {
  const bytes = Buffer.from(text);
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

function spliceValue(text: string, { path, key, value, insert = false }: LedgerEdit): Splice {
  if (!insert || hasKey(text, key, path)) return spliceKey(text, key, value, path);
  return { ...spliceMapping(text, key, value, path), before: '', after: value };
}

function hasKey(text: string, key: string, path: string): boolean {
  let value: unknown = parseManifest(text, path).value;
  for (const segment of splitKey(key)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return false;
    value = (value as Readonly<Record<string, unknown>>)[segment];
  }
  return true;
}

function fileOf(files: ReadonlyMap<string, string>, path: string): string {
  const text = files.get(path);
  if (text !== undefined) return text;
  throw new LedgerInvalid(`the Ledger has no file ${path}`, {
    data: { path },
    fix: `Add ${path} to the Ledger, or correct the target's path in conveyor.yaml.`,
  });
}

function refuseForeignChange({ path, key, value, expected }: LedgerEdit, current: string): void {
  if (expected === undefined || current === expected || current === value) return;
  throw new LedgerConflict(
    `${key} in ${path} was ${expected} when this was decided and is ${current} now; wanted ${value}`,
    {
      data: { path, key, expected, current, wanted: value },
      fix: 'Look at who changed it, then ask for the promotion again.',
    },
  );
}
