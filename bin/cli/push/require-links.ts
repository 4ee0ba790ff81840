import { printable } from '../../../lambdas/intake/tar-names.ts';
import { climbsOut, TarTree } from '../../../lambdas/intake/tar-tree.ts';
import { cannotPack } from './cannot-pack.ts';
import type { PlannedEntry } from './plan-tree.ts';

/**
 * Lets a link through if it stays in the tree, read as text and as the kernel would follow it. It may point to
 * nothing: that may be made when the service runs.
 * @throws CannotPack
 */
export function requireLinksInside(entries: readonly PlannedEntry[]): void {
  const links = entries.filter(({ kind }) => kind === 'link');
  if (links.length === 0) return;
  const tree = new TarTree();
  for (const { path, kind, target } of entries)
    tree.add(path, kind, kind === 'link' ? target : undefined);

  for (const { path, target } of links) {
    if (target.startsWith('/'))
      throw cannotPack(
        'absolute-link',
        path,
        `is a link to ${printable(target)}, an absolute path`,
        'Make the link relative (ln -sr), or replace it by what it points to.',
      );
    if (climbsOut(path, target) || !tree.follow(path, target).inside)
      throw cannotPack(
        'outside-link',
        path,
        `is a link to ${printable(target)}, which leads out of the tree or in a circle`,
        'Replace the link by what it points to (cp -rL), or leave it out.',
      );
  }
}
