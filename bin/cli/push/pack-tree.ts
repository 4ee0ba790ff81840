import { availableParallelism } from 'node:os';
import { Readable } from 'node:stream';
import { type Digest, finishDigest, startDigest } from '../../../lambdas/domain/digest.ts';
import { TARBALL_LIMITS, type TarballLimits } from '../../../lambdas/intake/tarball-limits.ts';
import { gzipMember } from './gzip-member.ts';
import { inOrder } from './in-order.ts';
import { type Ignore, type PlannedEntry, planTree } from './plan-tree.ts';
import { requireListed, requirePacked } from './require-limits.ts';
import { requireLinksInside } from './require-links.ts';
import { MEMBER_BYTES, tarBlocks } from './tar-blocks.ts';

export interface PackOptions {
  /** What to leave out. @default nothing */
  readonly ignore?: Ignore;
  /** Blocks compressed at once; the bytes do not depend on it. @default one more than processors, at most 8 */
  readonly parallel?: number;
  /** @default those of intake, so that what is packed is also taken in */
  readonly limits?: Partial<TarballLimits>;
}

/** The same facts that intake finds out by itself (`inspectTarball`). */
export interface PackSummary {
  /** Of the gzip bytes. */
  readonly digest: Digest;
  /**
   * Of the tar stream inside. Two versions of zlib, or two kinds of processor, may compress the same tar to
   * different bytes, so that the same tree has another `digest` there; its `contentDigest` is the same everywhere.
   */
  readonly contentDigest: Digest;
  /** Of the gzip. */
  readonly bytes: number;
  /** Files, folders and links. */
  readonly entries: number;
  /** Of all files' contents. */
  readonly unpackedBytes: number;
}

export interface PackedTree {
  readonly entries: number;
  readonly unpackedBytes: number;
  /** The `.tar.gz`. It fails with CannotPack where only reading shows why; what came before is then no tarball. */
  readonly body: Readable;
  /** Once the body was read to its end. @throws Error before that */
  readonly summary: () => PackSummary;
}

/**
 * Packs a folder as `.tar.gz` so that the same tree gives the same bytes, whoever packs it, when and where: sorted,
 * one time, no owners, modes 0644 and 0755, hard links as files, links as they are. Memory: the list of entries, and
 * three blocks of 1 MiB for each that is compressed at once.
 * @throws CannotPack at once for what listing the tree shows
 */
export function packTree(root: string, options: PackOptions = {}): PackedTree {
  const limits = { ...TARBALL_LIMITS, ...options.limits };
  const parallel = options.parallel ?? Math.min(availableParallelism() + 1, 8);
  const listed = planTree(root, options.ignore ?? (() => false), limits);
  const unpackedBytes = requireListed(root, listed, limits);
  requireLinksInside(listed);

  const entries = listed.length;
  let facts: PackSummary | undefined;
  const members = pack(root, listed, parallel, limits, (digests) => {
    facts = { ...digests, entries, unpackedBytes };
  });
  return {
    entries,
    unpackedBytes,
    body: Readable.from(members, { objectMode: false }),
    summary: () => {
      if (facts === undefined) throw new Error(`${root} has not been packed to its end`);
      return facts;
    },
  };
}

type Digests = Omit<PackSummary, 'entries' | 'unpackedBytes'>;

async function* pack(
  root: string,
  entries: readonly PlannedEntry[],
  parallel: number,
  limits: TarballLimits,
  done: (digests: Digests) => void,
): AsyncGenerator<Buffer> {
  const content = startDigest();
  const gzip = startDigest();
  const spare: Buffer[] = [];
  let bytes = 0;
  let unpacked = 0;
  const members = inOrder(tarBlocks(root, entries, spare), parallel, async (block) => {
    const compressing = gzipMember(block);
    // Meanwhile: the pool does not need this thread.
    content.update(block);
    const member = await compressing;
    if (block.length === MEMBER_BYTES) spare.push(block);
    return { member, from: block.length };
  });
  for await (const { member, from } of members) {
    unpacked += from;
    bytes += member.length;
    requirePacked(root, unpacked, bytes, limits);
    gzip.update(member);
    yield member;
  }
  done({ digest: finishDigest(gzip), contentDigest: finishDigest(content), bytes });
}
