import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { BareRepository } from '../github/bare-repository.ts';
import { serveLoopback } from '../serve-loopback.ts';
import { argocdPages } from './argocd-pages.tsx';
import { findApplication } from './find-application.ts';
import {
  type ApplicationOptions,
  ArgocdError,
  type Health,
  TwinApplication,
} from './twin-application.ts';

export interface ArgocdOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly token: string;
  /** The bare repository that is the Ledger. */
  readonly repositoryDirectory: string;
  /** @default main */
  readonly branch?: string;
  /** As applications name it. @default the directory */
  readonly repoUrl?: string;
  readonly applications: readonly ApplicationOptions[];
  /** @default the machine's */
  readonly clock?: { now(): Date };
  /** @default 1 000 */
  readonly pollMilliseconds?: number;
}

export interface Argocd {
  readonly url: string;
  setHealth(name: string, health: Health | undefined): void;
  /** Answers 503 to everything until told otherwise. */
  setDown(down: boolean): void;
  close(): Promise<void>;
}

/** Starts a stand-in for Argo CD with its own API, reading a real git repository. All applications start deployed. */
export async function startArgocd(options: ArgocdOptions): Promise<Argocd> {
  const { repositoryDirectory, branch = 'main', repoUrl = repositoryDirectory } = options;
  const now = () => options.clock?.now() ?? new Date();
  const repository = new BareRepository(repositoryDirectory, branch);
  const applications = options.applications.map(
    (one) => new TwinApplication(one, repository, repoUrl, now),
  );
  await Promise.all(applications.map((one) => one.sync()));
  let down = false;
  const app = new Hono();
  app.use('*', async (c, next) => (down ? c.text('upstream connect error', 503) : await next()));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (!(error instanceof ArgocdError)) throw error;
    const { message, code, status } = error;
    return c.json({ error: message, code, message }, status);
  });
  app.route('/', argocdPages(applications));
  api(app, applications, options.token);
  const { port, close } = await serveLoopback(app, options.port);
  const refreshAll = () => Promise.all(applications.map((one) => one.refresh()));
  // The repository may be gone for a moment while the twin stops; the next turn sees.
  const poll = () => void refreshAll().catch(() => undefined);
  const timer = setInterval(poll, options.pollMilliseconds ?? 1_000).unref();
  return {
    url: `http://127.0.0.1:${port}`,
    setHealth: (name, health) => findApplication(applications, name).orderHealth(health),
    setDown: (value) => {
      down = value;
    },
    close: () => {
      clearInterval(timer);
      return close();
    },
  };
}

function api(app: Hono, applications: readonly TwinApplication[], token: string): void {
  const one = (c: Context, project = c.req.query('project')) =>
    findApplication(applications, c.req.param('name') ?? '', project);

  app.post('/_twin/health', async (c) => {
    const { name, health } = await c.req.json<{ name: string; health?: Health }>();
    findApplication(applications, name).orderHealth(health);
    return c.json({ ok: true });
  });
  app.use('/api/*', async (c, next) => {
    const { authorization } = c.req.header();
    if (authorization === undefined) {
      throw new ArgocdError('Unauthenticated', 'no session information');
    }
    if (authorization !== `Bearer ${token}`) {
      throw new ArgocdError('Unauthenticated', 'invalid session: token is invalid');
    }
    await next();
  });
  app.get('/api/v1/applications', async (c) => {
    if (c.req.query('refresh')) await Promise.all(applications.map((each) => each.refresh()));
    return c.json({ metadata: {}, items: applications.map((each) => each.describe()) });
  });
  app.get('/api/v1/applications/:name', async (c) => {
    const application = one(c);
    if (c.req.query('refresh')) await application.refresh();
    return c.json(application.describe());
  });
  app.post('/api/v1/applications/:name/sync', async (c) => {
    const body = await bodyOf<{ revision?: string; project?: string }>(c);
    const application = one(c, body.project);
    await application.sync(body.revision);
    return c.json(application.describe());
  });
  app.post('/api/v1/applications/:name/rollback', async (c) => {
    // grpc-gateway writes 64-bit numbers as strings, and reads both.
    const body = await bodyOf<{ id?: number | string; project?: string }>(c);
    const application = one(c, body.project);
    await application.rollback(Number(body.id ?? 0));
    return c.json(application.describe());
  });
}

async function bodyOf<T extends object>(c: Context): Promise<Partial<T>> {
  const text = await c.req.text();
  return text === '' ? {} : (JSON.parse(text) as Partial<T>);
}
