const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

/** What a tarball may be at most. Packing and intake hold to the same, so that what is pushed is also taken in. */
export interface TarballLimits {
  /** Of the upload, in bytes. @default 5 GiB: what S3 stores with one PutObject and copies with one CopyObject */
  readonly maxBytes: number;
  /** Of the tar stream, in bytes. @default 20 GiB: beyond it a host's disk is at stake, and a Lambda's 15 minutes */
  readonly maxUnpackedBytes: number;
  /**
   * How many times larger the tar stream may be than what was read of the upload so far. @default 200: programs
   * and text come to 3 to 20; deflate ends at 1032
   */
  readonly maxRatio: number;
  /** Up to here, in bytes of the tar stream, the ratio is nobody's danger. @default 10 MiB */
  readonly ratioFreeBytes: number;
  /**
   * Files, links and folders, those included that only a longer path implies. @default 100,000: each costs a host
   * an inode and intake about 200 bytes of memory
   */
  readonly maxEntries: number;
  /** All names and link targets, in characters; they are what intake holds in memory. @default 32 Mi */
  readonly maxNameCharacters: number;
}

export const TARBALL_LIMITS: TarballLimits = {
  maxBytes: 5 * GiB,
  maxUnpackedBytes: 20 * GiB,
  maxRatio: 200,
  ratioFreeBytes: 10 * MiB,
  maxEntries: 100_000,
  maxNameCharacters: 32 * MiB,
};

/** Whether so many bytes out of so few are a decompression bomb. The ratio is a running one: nobody waits for the end. */
export function isBomb(unpacked: number, packed: number, limits: TarballLimits): boolean {
  const { maxRatio, ratioFreeBytes, maxUnpackedBytes } = limits;
  return unpacked > maxUnpackedBytes || (unpacked > ratioFreeBytes && unpacked > packed * maxRatio);
}
