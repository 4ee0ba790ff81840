import { createServer, type IncomingMessage, request } from 'node:http';

export interface LedgerCommitSeen {
  readonly promotion: string;
  /** `performance.now()` when the git host had answered. */
  readonly at: number;
}

export interface GithubProxy {
  readonly url: string;
  /** How many requests of each kind came through: `ReadLedger`, `CommitToLedger`, or a method and path. */
  readonly calls: ReadonlyMap<string, number>;
  /** The next commit that the git host accepts. Ask before what causes it. */
  nextCommit(): Promise<LedgerCommitSeen>;
  close(): Promise<void>;
}

/** Stands before the twin's GitHub, counts what is asked, and sees the moment a commit is accepted. */
export async function startGithubProxy(port: number, target: URL): Promise<GithubProxy> {
  const calls = new Map<string, number>();
  const waiting: ((seen: LedgerCommitSeen) => void)[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await readAll(incoming);
    const kind = kindOf(incoming, body);
    calls.set(kind, (calls.get(kind) ?? 0) + 1);
    const { host: _, ...headers } = incoming.headers;
    const onward = request(
      new URL(incoming.url ?? '/', target),
      { method: incoming.method, headers },
      async (reply) => {
        const answer = await readAll(reply);
        const promotion = committed(kind, body, answer);
        if (promotion !== undefined)
          waiting.splice(0).forEach((tell) => {
            tell({ promotion, at: performance.now() });
          });
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers).end(answer);
      },
    );
    onward.on('error', () => outgoing.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    nextCommit: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** GraphQL by the operation's name, REST by method and path. */
function kindOf({ method, url }: IncomingMessage, body: Buffer): string {
  const named = /^\{"query":"(?:query|mutation) (\w+)/.exec(body.toString('utf8', 0, 80))?.[1];
  return named ?? `${method} ${url}`;
}

function committed(kind: string, body: Buffer, answer: Buffer): string | undefined {
  const accepted = kind === 'CommitToLedger' && answer.includes('"oid"');
  return accepted ? /Conveyor-Promotion: (p_\w+)/.exec(body.toString())?.[1] : undefined;
}
