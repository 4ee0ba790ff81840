import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/core';
import { retry } from '@octokit/plugin-retry';
import type { z } from 'zod';
import { LedgerInvalid, LedgerRefused, LedgerUnavailable } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger, LedgerChange, LedgerCommit, LedgerSnapshot } from '../ports/ledger.ts';
import { dataDespiteMissingFiles, githubFailure, isStaleHead } from './github-failure.ts';
import {
  COMMIT_MUTATION,
  CommitAnswer,
  type CommitNode,
  FileEntry,
  HISTORY_QUERY,
  type History,
  HistoryAnswer,
  ReadAnswer,
  readQuery,
} from './github-queries.ts';

export interface GithubLedgerOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server. */
  readonly apiUrl: string;
  readonly owner: string;
  readonly repository: string;
  readonly branch: string;
  readonly auth:
    | { readonly token: string }
    | {
        readonly app: {
          readonly appId: string | number;
          readonly installationId: string | number;
          readonly privateKey: string;
        };
      };
  readonly clock: Clock;
  /** For one call and its retries. @default 30 000 (GitHub itself gives up on a query after 10 s) */
  readonly timeoutMilliseconds?: number;
}

const LONGEST_HISTORY = 1_000;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const RetryingOctokit = Octokit.plugin(retry);

/**
 * A branch on GitHub, by GraphQL: one call to read, one to commit. `createCommitOnBranch` takes the expected
 * head and is signed by GitHub; it is never repeated here, since only the caller can tell whether it took effect.
 *
 * Without plugin-throttling: it lets one GraphQL call through a second, readings too (11.0.5), cannot see
 * other functions, and waits in paid time. Limits are reported with `retryAfterSeconds` for whoever can wait.
 */
export class GithubLedger implements Ledger {
  readonly #octokit: InstanceType<typeof RetryingOctokit>;
  readonly #options: GithubLedgerOptions;

  constructor(options: GithubLedgerOptions) {
    this.#options = options;
    this.#octokit = new RetryingOctokit({
      baseUrl: options.apiUrl.replace(/\/$/, ''),
      userAgent: 'conveyor',
      log: silent,
      retry: {
        retries: 2,
        retryAfterBaseValue: 250,
        doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451],
      },
      ...('token' in options.auth
        ? { auth: options.auth.token }
        : { authStrategy: createAppAuth, auth: { ...options.auth.app, log: silent } }),
    });
  }

  async read(paths: readonly string[], since: Date): Promise<LedgerSnapshot> {
    const { owner, repository, branch } = this.#options;
    const doing = `read ${owner}/${repository}@${branch}`;
    const named = Object.fromEntries(paths.map((path, index) => [`path${index}`, path]));
    const variables = {
      owner,
      repository,
      branch: `refs/heads/${branch}`,
      since: since.toISOString(),
      ...named,
    };
    const answer = await this.#ask(ReadAnswer, readQuery(paths.length), variables, doing);
    const target = answer.repository.ref?.target;
    if (!target) {
      throw new LedgerRefused(`${owner}/${repository} has no branch ${branch}`, {
        data: { owner, repository, branch },
        fix: 'Create the branch, or correct ledger.github.branch in conveyor.yaml.',
      });
    }
    const files = paths.flatMap((path, index): [string, string][] => {
      const text = textOf(FileEntry.parse(target[`file${index}`] ?? null), path);
      return text === undefined ? [] : [[path, text]];
    });
    const commits = await this.#wholeHistory(target.oid, target.history, since, doing);
    return { head: target.oid, files: new Map(files), commits };
  }

  async commit(change: LedgerChange): Promise<LedgerCommit | undefined> {
    const { owner, repository, branch, clock } = this.#options;
    const [headline = '', ...body] = change.message.split('\n');
    const additions = [...change.files].map(([path, text]) => ({
      path,
      contents: Buffer.from(text).toString('base64'),
    }));
    const input = {
      branch: { repositoryNameWithOwner: `${owner}/${repository}`, branchName: branch },
      expectedHeadOid: change.expectedHead,
      message: { headline, body: body.join('\n').trim() },
      fileChanges: { additions },
    };
    const doing = `commit to ${owner}/${repository}@${branch}`;
    try {
      const answer = await this.#octokit.graphql(COMMIT_MUTATION, {
        input,
        request: { retries: 0, signal: this.#deadline() },
      });
      return fromNode(parseAnswer(CommitAnswer, answer, doing).createCommitOnBranch.commit);
    } catch (error) {
      if (isStaleHead(error)) return undefined;
      if (error instanceof LedgerUnavailable) throw error;
      throw githubFailure(error, doing, clock.now());
    }
  }

  /** Beyond the cap a promotion's own commit would be missed; that many commits later its value is checked anyway. */
  async #wholeHistory(
    head: string,
    first: History,
    since: Date,
    doing: string,
  ): Promise<LedgerCommit[]> {
    const { owner, repository } = this.#options;
    const nodes = [...first.nodes];
    let { pageInfo } = first;
    while (pageInfo.hasNextPage && nodes.length < LONGEST_HISTORY) {
      const variables = {
        owner,
        repository,
        head,
        since: since.toISOString(),
        after: pageInfo.endCursor,
      };
      const answer = await this.#ask(HistoryAnswer, HISTORY_QUERY, variables, doing);
      const { history } = answer.repository.object;
      nodes.push(...history.nodes);
      pageInfo = history.pageInfo;
    }
    return nodes.map(fromNode);
  }

  async #ask<T>(
    schema: z.ZodType<T>,
    query: string,
    variables: Record<string, unknown>,
    doing: string,
  ): Promise<T> {
    const request = { signal: this.#deadline() };
    const answer = await this.#octokit.graphql(query, { ...variables, request }).catch((error) => {
      const data = dataDespiteMissingFiles(error);
      if (data !== undefined) return data;
      throw githubFailure(error, doing, this.#options.clock.now());
    });
    return parseAnswer(schema, answer, doing);
  }

  #deadline(): AbortSignal {
    return AbortSignal.timeout(this.#options.timeoutMilliseconds ?? 30_000);
  }
}

function fromNode({ oid, message, url }: CommitNode): LedgerCommit {
  return { id: oid, message, url };
}

/** A proxy's page or half an answer is not GitHub's word, so it says nothing for good. */
function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown, doing: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new LedgerUnavailable(`could not ${doing}: the answer is not what GitHub gives`, {
    data: {
      issues: parsed.error.issues.slice(0, 3).map(({ path, message }) => ({ path, message })),
    },
  });
}

function textOf(entry: FileEntry, path: string): string | undefined {
  if (entry === null) return undefined;
  const { object } = entry;
  const text = object?.__typename === 'Blob' && !object.isTruncated ? object.text : undefined;
  if (typeof text === 'string') return text;
  throw new LedgerInvalid(`${path} in the Ledger is not a text file that can be read whole`, {
    data: { path },
    fix: `Make ${path} a plain YAML file below 480 kB.`,
  });
}
