import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { BareRepository } from './bare-repository.ts';
import { Credentials, type GithubApp } from './credentials.ts';
import { answerGraphql, type GraphqlRequest } from './graphql-endpoint.ts';
import type { GithubWorld } from './graphql-resolvers.ts';
import { OutageSpec, OutageSwitch } from './outage.ts';
import { restApi } from './rest-api.ts';
import type { Places } from './rest-shapes.ts';
import { serveGit } from './smart-http.ts';
import { CommitPage, CommitsPage } from './web-pages.tsx';

export interface GithubOptions {
  /** Holds `owner/repository.git`; what is there already is kept. */
  readonly directory: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly tokens: readonly string[];
  readonly app?: GithubApp;
  readonly owner: string;
  readonly repository: string;
  /** @default main */
  readonly branch?: string;
  readonly seed: ReadonlyMap<string, string>;
  /** @default the machine's */
  readonly clock?: { now(): Date };
}

export interface TwinGithub {
  readonly url: string;
  /** What Octokit calls the base URL; GraphQL is at `/graphql` below it. */
  readonly apiUrl: string;
  readonly cloneUrl: string;
  /** The bare repository itself, for whoever shares the machine. */
  readonly gitDirectory: string;
  readonly repository: BareRepository;
  /** Fails requests from now on; see OutageSpec. */
  failNext(spec?: OutageSpec): void;
  endOutage(): void;
  close(): Promise<void>;
}

const UNAUTHORIZED = {
  message: 'Bad credentials',
  documentation_url: 'https://docs.github.com/rest',
  status: '401',
};

/** Starts a GitHub that is one real bare git repository: GraphQL, a little REST, smart HTTP and pages for people. */
export async function startGithub(options: GithubOptions): Promise<TwinGithub> {
  const { directory, owner, repository: name, branch = 'main', seed } = options;
  const now = () => options.clock?.now() ?? new Date();
  const gitDirectory = join(directory, owner, `${name}.git`);
  const repository = new BareRepository(gitDirectory, branch);
  await repository.create(seed, {
    name: 'seed',
    email: 'seed@example.test',
    date: now().toISOString(),
  });
  const credentials = new Credentials(options.tokens, options.app, now);
  const outage = new OutageSwitch(now);
  const { server, port, answerWith } = await listen(options.port);
  const url = `http://127.0.0.1:${port}`;
  const places: Places = { apiUrl: url, webUrl: url, owner, name };
  const world: GithubWorld = { repository, owner, name, webUrl: url, now };
  const context = { directory, places, world, credentials, outage };
  const app = new Hono();
  control(app, context);
  pages(app, context);
  smartHttp(app, context);
  api(app, context);
  answerWith(app);
  return {
    url,
    apiUrl: url,
    cloneUrl: `${url}/${owner}/${name}.git`,
    gitDirectory,
    repository,
    failNext: (spec = {}) => outage.order(spec),
    endOutage: () => outage.end(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

interface Wiring {
  readonly directory: string;
  readonly places: Places;
  readonly world: GithubWorld;
  readonly credentials: Credentials;
  readonly outage: OutageSwitch;
}

function control(app: Hono, { outage }: Wiring): void {
  app.post('/_twin/outage', async (c) => {
    const spec = OutageSpec.safeParse(await c.req.json());
    if (!spec.success) return c.json({ message: spec.error.message }, 400);
    outage.order(spec.data);
    return c.json({ ok: true });
  });
  app.delete('/_twin/outage', (c) => {
    outage.end();
    return c.json({ ok: true });
  });
  app.use('*', async (_, next) => outage.answer('any', 'before') ?? (await next()));
}

function pages(app: Hono, { places, world }: Wiring): void {
  const { repository } = world;
  const base = `/${places.owner}/${places.name}`;
  const commits = async (c: Context) => {
    const list = await repository.log(repository.branch, { limit: 100 });
    const cloneUrl = `${places.webUrl}${base}.git`;
    return c.html(<CommitsPage repository={base.slice(1)} commits={list} cloneUrl={cloneUrl} />);
  };
  app.get('/', (c) => c.redirect(`${base}/commits`));
  app.get(base, commits);
  app.get(`${base}/commits`, commits);
  app.get(`${base}/commit/:sha{[0-9a-f]{7,40}}`, async (c) => {
    const oid = await repository.resolve(c.req.param('sha'));
    const [commit] = oid === undefined ? [] : await repository.log(oid, { limit: 1 });
    if (commit === undefined) return c.notFound();
    const diff = await repository.diff(commit.oid);
    return c.html(<CommitPage repository={base.slice(1)} commit={commit} diff={diff} />);
  });
}

function smartHttp(app: Hono, { directory, places, credentials }: Wiring): void {
  app.all(`/${places.owner}/${places.name}.git/*`, async (c) => {
    const caller = credentials.caller(c.req.header('authorization'));
    const writes = c.req.url.includes('git-receive-pack');
    if (writes && caller === undefined) {
      return c.text('a push needs a token', 401, { 'www-authenticate': 'Basic realm="GitHub"' });
    }
    const user = caller?.login;
    return serveGit({ root: directory, path: c.req.path, request: c.req.raw, user });
  });
}

function api(app: Hono, { places, world, credentials, outage }: Wiring): void {
  app.post('/app/installations/:id/access_tokens', (c) => {
    const issued = credentials.issue(c.req.header('authorization'), c.req.param('id'));
    if (typeof issued === 'string') return c.json({ ...UNAUTHORIZED, message: issued }, 401);
    const { token, expiresAt } = issued;
    const permissions = { contents: 'write', metadata: 'read' };
    const expires_at = expiresAt.toISOString();
    return c.json({ token, expires_at, permissions, repository_selection: 'selected' }, 201);
  });
  app.use('*', async (c, next) => {
    const caller = credentials.caller(c.req.header('authorization'));
    return caller === undefined ? c.json(UNAUTHORIZED, 401) : await next();
  });
  app.post('/graphql', async (c) => {
    const request = await c.req.json<GraphqlRequest>();
    const isCommit = request.query.includes('createCommitOnBranch');
    const refusal = isCommit ? outage.answer('commit', 'before') : undefined;
    if (refusal !== undefined) return refusal;
    const caller = credentials.caller(c.req.header('authorization')) ?? { login: 'nobody' };
    const answer = await answerGraphql(world, caller, request);
    return (isCommit ? outage.answer('commit', 'after') : undefined) ?? c.json(answer);
  });
  app.route('/', restApi(places, world.repository, world.now));
  app.notFound((c) => c.json({ message: 'Not Found' }, 404));
}

/** The port is known only once it is open, and the answers contain it: until then, "not yet". */
async function listen(port: number) {
  let app = new Hono().all('*', (c) => c.text('starting', 503));
  const fetch = (request: Request) => app.fetch(request);
  const answerWith = (ready: Hono) => {
    app = ready;
  };
  return new Promise<{
    server: ReturnType<typeof serve>;
    port: number;
    answerWith: typeof answerWith;
  }>((resolve, reject) => {
    const server = serve({ fetch, port, hostname: '127.0.0.1' }, (address) =>
      resolve({ server, port: address.port, answerWith }),
    );
    server.on('error', reject);
  });
}
