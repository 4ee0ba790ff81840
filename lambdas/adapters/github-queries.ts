import * as z from 'zod';

/**
 * Head, history and files in one query: all below the same `target`, so it is one commit's reading.
 * @param files how many `$path0…` variables follow
 */
export function readQuery(files: number): string {
  const numbers = Array.from({ length: files }, (_, index) => index);
  return `query ReadLedger($owner: String!, $repository: String!, $branch: String!, $since: GitTimestamp!${numbers
    .map((number) => `, $path${number}: String!`)
    .join('')}) {
  repository(owner: $owner, name: $repository) {
    ref(qualifiedName: $branch) {
      target {
        oid
        ... on Commit {
          history(since: $since, first: 100) { nodes { oid message url } pageInfo { hasNextPage endCursor } }
          ${numbers
            .map(
              (number) =>
                `file${number}: file(path: $path${number}) { object { __typename ... on Blob { text isTruncated } } }`,
            )
            .join('\n          ')}
        }
      }
    }
  }
}`;
}

/** The rest of a history, from the commit that was the head and not from what is the head by now. */
export const HISTORY_QUERY = `query ReadHistory($owner: String!, $repository: String!, $head: GitObjectID!, $since: GitTimestamp!, $after: String!) {
  repository(owner: $owner, name: $repository) {
    object(oid: $head) {
      ... on Commit {
        history(since: $since, first: 100, after: $after) { nodes { oid message url } pageInfo { hasNextPage endCursor } }
      }
    }
  }
}`;

export const COMMIT_MUTATION = `mutation CommitToLedger($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid message url } }
}`;

const CommitNode = z.object({ oid: z.string(), message: z.string(), url: z.string() });
export type CommitNode = z.infer<typeof CommitNode>;

const History = z.object({
  nodes: z.array(CommitNode),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});
export type History = z.infer<typeof History>;

const FileEntry = z
  .object({
    object: z
      .object({
        __typename: z.string(),
        text: z.string().nullish(),
        isTruncated: z.boolean().optional(),
      })
      .nullable(),
  })
  .nullable();
export type FileEntry = z.infer<typeof FileEntry>;

export const ReadAnswer = z.object({
  repository: z.object({
    ref: z
      .object({
        target: z.object({ oid: z.string(), history: History }).catchall(z.unknown()).nullable(),
      })
      .nullable(),
  }),
});

export const HistoryAnswer = z.object({
  repository: z.object({ object: z.object({ history: History }) }),
});

export const CommitAnswer = z.object({
  createCommitOnBranch: z.object({ commit: CommitNode }),
});

export { FileEntry };
