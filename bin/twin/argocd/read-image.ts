import { parse } from 'yaml';
import type { BareRepository } from '../github/bare-repository.ts';

/**
 * The image that a path of the repository says at one commit, as `repository:tag`.
 * @param path a manifest, or a folder whose first YAML file with the key counts
 * @param otherwise the image's name where the manifest has no `repository` beside the tag
 */
export async function readImage(
  repository: BareRepository,
  revision: string,
  path: string,
  key: string,
  otherwise: string,
): Promise<string> {
  const entry = await repository.entry(revision, path);
  if (entry === undefined) throw new Error(`${path}: app path does not exist`);
  const files =
    entry.type === 'blob'
      ? [entry]
      : (await repository.entries(revision, path)).filter((one) => /\.ya?ml$/.test(one.path));
  for (const file of files) {
    const text = (await repository.blob(file.oid)).toString('utf8');
    const keys = key.split('.');
    const image = valueAt(parse(text), keys.slice(0, -1));
    const tag = valueAt(image, keys.slice(-1));
    if (tag === undefined || tag === null) continue;
    const name = valueAt(image, ['repository']) ?? otherwise;
    return `${String(name)}:${String(tag)}`;
  }
  throw new Error(`${path}: no ${key} in any YAML file`);
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined,
    value,
  );
}
