import { segmentsOf } from './tar-names.ts';

export interface TreeNode {
  readonly kind: 'folder' | 'file' | 'link';
  readonly parent?: TreeNode;
  /** Of a folder; all others share one empty map. */
  readonly children: Map<string, TreeNode>;
  /** Of a link, as written. */
  readonly target?: string;
  /** Whether an entry says so, and not only a longer path. */
  declared: boolean;
}

/** Where a link leads. `sure` says that no entry that is still to come could change it. */
export interface Destination {
  readonly inside: boolean;
  readonly sure: boolean;
}

/** As many as Linux follows (path_resolution(7)). */
const MOST_HOPS = 40;
/** Links through links cost the square of what they weigh in the upload; honest ones take some ten steps. */
const MOST_STEPS = 255;

const NO_CHILDREN = new Map<string, TreeNode>();

/** The folders, files and links of a tarball, as unpacking it would make them. */
export class TarTree {
  readonly root: TreeNode = { kind: 'folder', children: new Map(), declared: false };
  /** All that unpacking makes, the root not counted. */
  count = 0;
  /** Of all names and targets held. */
  characters = 0;

  /** Adds one entry. Returns what is in its way, as a path: its own, or a file or link where it needs a folder. */
  add(path: string, kind: TreeNode['kind'], target?: string): string | undefined {
    const segments = segmentsOf(path);
    const name = segments.pop();
    let parent = this.root;
    for (const [depth, segment] of segments.entries()) {
      parent = parent.children.get(segment) ?? this.#grow(parent, segment, 'folder', false);
      if (parent.kind !== 'folder') return segments.slice(0, depth + 1).join('/');
    }
    const there = name === undefined ? this.root : parent.children.get(name);
    if (there === undefined) {
      this.#grow(parent, name ?? '', kind, true, target);
      return undefined;
    }
    if (kind !== 'folder' || there.kind !== 'folder' || there.declared) return path;
    there.declared = true;
    return undefined;
  }

  /** The entry of exactly this path; links are not followed. */
  find(path: string): TreeNode | undefined {
    return segmentsOf(path).reduce<TreeNode | undefined>(
      (node, segment) => node?.children.get(segment),
      this.root,
    );
  }

  /**
   * Follows a link's target from the link's folder, through other links, as the kernel would. What is not there
   * counts as folders, and then only until an entry says otherwise.
   */
  follow(path: string, target: string): Destination {
    let at: TreeNode | undefined = this.find(segmentsOf(path).slice(0, -1).join('/'));
    let beyond = 0;
    let sure = true;
    let hops = 0;
    const ahead = segmentsOf(target).reverse();
    for (let steps = 0; ahead.length > 0; steps++) {
      const segment = ahead.pop() ?? '';
      if (steps > MOST_STEPS || hops > MOST_HOPS) return { inside: false, sure };
      if (segment === '..') {
        if (beyond === 0) at = at?.parent;
        else beyond -= 1;
        if (at === undefined) return { inside: false, sure };
        continue;
      }
      const child: TreeNode | undefined = beyond > 0 ? undefined : at?.children.get(segment);
      if (child?.kind === 'link') {
        hops += 1;
        ahead.push(...segmentsOf(child.target ?? '').reverse());
      } else if (child === undefined) {
        beyond += 1;
        sure = false;
      } else at = child;
    }
    return { inside: true, sure };
  }

  #grow(
    parent: TreeNode,
    name: string,
    kind: TreeNode['kind'],
    declared: boolean,
    target?: string,
  ): TreeNode {
    const node: TreeNode = {
      kind,
      parent,
      children: kind === 'folder' ? new Map() : NO_CHILDREN,
      declared,
      ...(target !== undefined && { target }),
    };
    parent.children.set(name, node);
    this.count += 1;
    this.characters += name.length + (target?.length ?? 0);
    return node;
  }
}

/** Whether a target, read as text from the link's folder, ever climbs above the root. */
export function climbsOut(path: string, target: string): boolean {
  let depth = segmentsOf(path).length - 1;
  return segmentsOf(target).some((segment) => {
    depth += segment === '..' ? -1 : 1;
    return depth < 0;
  });
}
