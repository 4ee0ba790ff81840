import { dirname } from 'node:path';

/** This folder, the one above it, and so on to the root. */
export function* foldersUp(start: string): Generator<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    yield folder;
    if (folder === dirname(folder)) return;
  }
}
