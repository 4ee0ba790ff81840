import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { git, gitBytes } from './git.ts';

export interface Commit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly oid: string;
  readonly path: string;
}

const FORMAT = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x00');
const FIELDS = 10;

/** A real bare git repository, by plumbing commands. */
export class BareRepository {
  readonly directory: string;
  readonly branch: string;
  #lock: Promise<unknown> = Promise.resolve();
  #indexes = 0;
  /** What an object id names never changes, so git is asked once. */
  readonly #known = new Map<string, Promise<string>>();

  constructor(directory: string, branch: string) {
    this.directory = directory;
    this.branch = branch;
  }

  /** Makes it, with one commit of these files, unless it is there. */
  async create(seed: ReadonlyMap<string, string>, by: Signature): Promise<void> {
    if (existsSync(join(this.directory, 'HEAD')) && (await this.head()) !== undefined) return;
    await mkdir(this.directory, { recursive: true });
    await git(this.directory, ['init', '--quiet', '--bare', '--initial-branch', this.branch]);
    await git(this.directory, ['config', 'core.logAllRefUpdates', 'true']);
    await this.#write(undefined, seed, [], 'The Ledger as it was found', by, by);
  }

  async head(): Promise<string | undefined> {
    const ref = `refs/heads/${this.branch}`;
    // What `update-ref` writes (gitrepository-layout, "refs"); after a `gc` it is packed, and git is asked.
    const loose = await readFile(join(this.directory, ref), 'utf8').catch(() => '');
    return /^[0-9a-f]{40}\n$/.test(loose) ? loose.trim() : this.#resolve(ref);
  }

  async resolve(revision: string): Promise<string | undefined> {
    const isBranch = [this.branch, `refs/heads/${this.branch}`].includes(revision);
    return isBranch ? this.head() : this.#resolve(revision);
  }

  async entry(revision: string, path: string): Promise<TreeEntry | undefined> {
    const [entry] = await this.#list([revision, '--', path.replace(/\/$/, '')]);
    return entry;
  }

  async entries(revision: string, folder: string): Promise<TreeEntry[]> {
    return this.#list([
      revision,
      ...(folder === '' ? [] : ['--', `${folder.replace(/\/$/, '')}/`]),
    ]);
  }

  async blob(oid: string): Promise<Buffer> {
    return gitBytes(this.directory, ['cat-file', 'blob', oid]);
  }

  /** Newest first. */
  async log(
    revision: string,
    { since, path, limit }: { since?: string; path?: string; limit?: number } = {},
  ): Promise<Commit[]> {
    const args = [
      'log',
      '-z',
      `--format=${FORMAT}`,
      ...(since === undefined ? [] : [`--since=${since}`]),
      ...(limit === undefined ? [] : [`--max-count=${limit}`]),
      revision,
      '--',
      ...(path === undefined ? [] : [path]),
    ];
    const output = await this.#ask(args, revision);
    return parseLog(output);
  }

  async diff(oid: string): Promise<string> {
    return git(this.directory, ['diff-tree', '--root', '--patch', '--no-commit-id', '-r', oid]);
  }

  /**
   * One commit on top of exactly `expected`, or undefined where the branch points elsewhere: `update-ref`
   * with the old value is git's own compare-and-swap, so that a push by HTTP cannot come in between.
   */
  async commit(change: {
    readonly expected: string;
    readonly additions: ReadonlyMap<string, string | Uint8Array>;
    readonly deletions: readonly string[];
    readonly message: string;
    readonly author: Signature;
    readonly committer: Signature;
  }): Promise<string | undefined> {
    const { expected, additions, deletions, message, author, committer } = change;
    return this.#exclusively(async () => {
      if ((await this.head()) !== expected) return undefined;
      return this.#write(expected, additions, deletions, message, author, committer);
    });
  }

  async #resolve(revision: string): Promise<string | undefined> {
    const name = `${revision}^{commit}`;
    const args = ['rev-parse', '--quiet', '--verify', '--end-of-options', name];
    return this.#ask(args, revision).then(
      (oid) => oid.trim(),
      () => undefined,
    );
  }

  async #write(
    parent: string | undefined,
    additions: ReadonlyMap<string, string | Uint8Array>,
    deletions: readonly string[],
    message: string,
    author: Signature,
    committer: Signature,
  ): Promise<string | undefined> {
    this.#indexes += 1;
    const index = join(this.directory, `twin-index-${process.pid}-${this.#indexes}`);
    const env = { GIT_INDEX_FILE: index };
    try {
      if (parent !== undefined) await git(this.directory, ['read-tree', parent], { env });
      const lines = deletions.map((path) => `0 ${'0'.repeat(40)}\t${path}\0`);
      for (const [path, content] of additions) {
        const input = typeof content === 'string' ? Buffer.from(content) : content;
        const oid = await git(this.directory, ['hash-object', '-w', '--stdin'], { input });
        lines.push(`100644 ${oid.trim()}\t${path}\0`);
      }
      await git(this.directory, ['update-index', '-z', '--index-info'], {
        env,
        input: lines.join(''),
      });
      const tree = (await git(this.directory, ['write-tree'], { env })).trim();
      const parents = parent === undefined ? [] : ['-p', parent];
      const signed = { ...identity('AUTHOR', author), ...identity('COMMITTER', committer) };
      const commit = await git(this.directory, ['commit-tree', tree, ...parents], {
        input: message,
        env: signed,
      });
      const ref = `refs/heads/${this.branch}`;
      const old = parent ?? '0'.repeat(40);
      return await git(this.directory, ['update-ref', ref, commit.trim(), old]).then(
        () => commit.trim(),
        () => undefined,
      );
    } finally {
      await rm(index, { force: true });
    }
  }

  async #list(args: readonly [string, ...string[]]): Promise<TreeEntry[]> {
    const output = await this.#ask(['ls-tree', '-z', '--full-tree', ...args], args[0]);
    return output
      .split('\0')
      .filter(Boolean)
      .map((line) => {
        const [, mode = '', type = '', oid = '', path = ''] =
          /^(\d+) (\w+) ([0-9a-f]+)\t([\s\S]*)$/.exec(line) ?? [];
        return { mode, type, oid, path };
      });
  }

  /** Remembers answers about a full object id, never about a name such as a branch. */
  #ask(args: readonly string[], about: string): Promise<string> {
    if (!/^[0-9a-f]{40}$/.test(about)) return git(this.directory, args);
    const key = args.join('\0');
    const answer = this.#known.get(key) ?? git(this.directory, args);
    if (this.#known.size > 2_000) this.#known.clear();
    this.#known.set(key, answer);
    answer.catch(() => this.#known.delete(key));
    return answer;
  }

  /** One writer at a time, as on GitHub; losers then cost one `rev-parse` each. */
  #exclusively<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#lock.then(act);
    this.#lock = turn.catch(() => undefined);
    return turn;
  }
}

function parseLog(output: string): Commit[] {
  const fields = output.split('\0');
  const commits: Commit[] = [];
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS) {
    const [
      oid = '',
      tree = '',
      parents = '',
      an = '',
      ae = '',
      ad = '',
      cn = '',
      ce = '',
      cd = '',
      message = '',
    ] = fields.slice(at, at + FIELDS);
    commits.push({
      oid,
      tree,
      parents: parents.split(' ').filter(Boolean),
      author: { name: an, email: ae, date: ad },
      committer: { name: cn, email: ce, date: cd },
      message: message.trimEnd(),
    });
  }
  return commits;
}

function identity(role: string, { name, email, date }: Signature): Record<string, string> {
  return { [`GIT_${role}_NAME`]: name, [`GIT_${role}_EMAIL`]: email, [`GIT_${role}_DATE`]: date };
}
