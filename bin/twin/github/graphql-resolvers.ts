import type { BareRepository, Commit, Signature } from './bare-repository.ts';
import type { Caller } from './credentials.ts';

/** An error as GitHub's GraphQL reports it: by `type`. */
export class GithubError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export interface GithubWorld {
  readonly repository: BareRepository;
  readonly owner: string;
  readonly name: string;
  /** Where people look at it; without a slash at the end. */
  readonly webUrl: string;
  now(): Date;
}

interface HistoryArguments {
  readonly first?: number;
  readonly after?: string;
  readonly since?: string;
  readonly path?: string;
  readonly [other: string]: unknown;
}

interface CommitInput {
  readonly branch: { readonly repositoryNameWithOwner?: string; readonly branchName?: string };
  readonly expectedHeadOid: string;
  readonly message: { readonly headline: string; readonly body?: string };
  readonly fileChanges?: {
    readonly additions?: readonly { readonly path: string; readonly contents: string }[];
    readonly deletions?: readonly { readonly path: string }[];
  };
}

/** What the product asks of GitHub, on a real repository; the field resolver refuses everything else. */
export function rootFor(world: GithubWorld, caller: Caller) {
  const { repository, owner, name } = world;
  return {
    repository: (asked: { owner: string; name: string }) => {
      refuseOther(world, `${asked.owner}/${asked.name}`, 'Repository');
      return {
        __typename: 'Repository',
        name,
        nameWithOwner: `${owner}/${name}`,
        url: `${world.webUrl}/${owner}/${name}`,
        ref: ({ qualifiedName }: { qualifiedName: string }) => refNode(world, qualifiedName),
        object: ({ oid, expression = '' }: { oid?: string; expression?: string }) => {
          if (expression.includes(':')) throw new Error("the twin's GitHub resolves commits only");
          return commitNode(world, oid ?? expression);
        },
      };
    },
    createCommitOnBranch: async ({ input }: { input: CommitInput }) => {
      refuseOther(world, input.branch.repositoryNameWithOwner ?? '', 'Repository');
      const branch = input.branch.branchName?.replace(/^refs\/heads\//, '');
      if (branch !== repository.branch) {
        throw new GithubError(
          'NOT_FOUND',
          `Could not resolve to a Branch with the name '${branch}'.`,
        );
      }
      const oid = await write(world, input, caller);
      if (oid === undefined) {
        throw new GithubError(
          'STALE_DATA',
          `Expected branch to point to "${input.expectedHeadOid}" but it did not.  Pull and try again.`,
        );
      }
      return {
        __typename: 'CreateCommitOnBranchPayload',
        commit: await commitNode(world, oid),
        ref: () => refNode(world, `refs/heads/${branch}`),
      };
    },
  };
}

function refuseOther({ owner, name }: GithubWorld, asked: string, type: string): void {
  if (asked.toLowerCase() === `${owner}/${name}`.toLowerCase()) return;
  throw new GithubError('NOT_FOUND', `Could not resolve to a ${type} with the name '${asked}'.`);
}

async function refNode(world: GithubWorld, qualifiedName: string) {
  const target = await commitNode(world, qualifiedName);
  const [, prefix = 'refs/heads/', name = qualifiedName] =
    /^(refs\/\w+\/)(.+)$/.exec(qualifiedName) ?? [];
  return target === null ? null : { __typename: 'Ref', name, prefix, target };
}

async function commitNode(world: GithubWorld, revision: string) {
  const oid = await world.repository.resolve(revision);
  if (oid === undefined) return null;
  const [commit] = await world.repository.log(oid, { limit: 1 });
  return commit === undefined ? null : describe(world, commit);
}

function describe(world: GithubWorld, commit: Commit): object {
  const { oid, message, author, committer } = commit;
  const [messageHeadline = '', ...body] = message.split('\n');
  return {
    __typename: 'Commit',
    id: Buffer.from(`Commit:${oid}`).toString('base64'),
    oid,
    abbreviatedOid: oid.slice(0, 7),
    message,
    messageHeadline,
    messageBody: body.join('\n').trim(),
    committedDate: committer.date,
    authoredDate: author.date,
    url: `${world.webUrl}/${world.owner}/${world.name}/commit/${oid}`,
    history: (args: HistoryArguments) => history(world, oid, args),
    file: ({ path }: { path: string }) => file(world, oid, path),
  };
}

async function history(world: GithubWorld, oid: string, args: HistoryArguments) {
  const { first, after, since, path, ...other } = args;
  const unknown = Object.keys(other).find((key) => other[key] != null);
  if (unknown !== undefined) throw new Error(`the twin's GitHub has no history(${unknown}:)`);
  if (first === undefined) {
    const words =
      'You must provide a `first` or `last` value to properly paginate the `history` connection.';
    throw new GithubError('MISSING_PAGINATION_BOUNDARIES', words);
  }
  if (first > 100) {
    const words = `Requesting ${first} records on the \`history\` connection exceeds the \`first\` limit of 100 records.`;
    throw new GithubError('EXCESSIVE_PAGINATION', words);
  }
  const commits = await world.repository.log(oid, {
    ...(since === undefined ? {} : { since }),
    ...(path === undefined ? {} : { path }),
  });
  const start = after === undefined ? 0 : Number(after.split(' ')[1]) + 1;
  const page = commits.slice(start, start + first);
  const end = start + page.length;
  return {
    __typename: 'CommitHistoryConnection',
    totalCount: commits.length,
    nodes: page.map((commit) => describe(world, commit)),
    pageInfo: {
      __typename: 'PageInfo',
      hasNextPage: end < commits.length,
      hasPreviousPage: start > 0,
      startCursor: page.length === 0 ? null : `${oid} ${start}`,
      endCursor: page.length === 0 ? null : `${oid} ${end - 1}`,
    },
  };
}

async function file(world: GithubWorld, revision: string, path: string) {
  const entry = await world.repository.entry(revision, path);
  if (entry === undefined) {
    throw new GithubError('NOT_FOUND', `Could not resolve file for path '${path}'.`);
  }
  const common = {
    name: path.split('/').at(-1),
    path,
    type: entry.type,
    mode: Number.parseInt(entry.mode, 8),
    oid: entry.oid,
  };
  if (entry.type !== 'blob') {
    return { __typename: 'TreeEntry', ...common, object: { __typename: 'Tree', oid: entry.oid } };
  }
  const bytes = await world.repository.blob(entry.oid);
  const isBinary = bytes.includes(0);
  const object = {
    __typename: 'Blob',
    oid: entry.oid,
    byteSize: bytes.length,
    isBinary,
    isTruncated: bytes.length > 512_000,
    text: isBinary ? null : bytes.subarray(0, 512_000).toString('utf8'),
  };
  return { __typename: 'TreeEntry', ...common, object };
}

async function write(
  { repository, now }: GithubWorld,
  { expectedHeadOid, message, fileChanges = {} }: CommitInput,
  { login }: Caller,
): Promise<string | undefined> {
  const date = now().toISOString();
  const author: Signature = { name: login, email: `${login}@users.noreply.github.com`, date };
  // As on GitHub, whoever is authenticated is the author, and GitHub itself commits and signs.
  const committer: Signature = { name: 'GitHub', email: 'noreply@github.com', date };
  const { additions = [], deletions = [] } = fileChanges;
  return repository.commit({
    expected: expectedHeadOid,
    additions: new Map(
      additions.map(({ path, contents }) => [path, Buffer.from(contents, 'base64')]),
    ),
    deletions: deletions.map(({ path }) => path),
    message: [message.headline, message.body ?? ''].join('\n\n').trim(),
    author,
    committer,
  });
}
