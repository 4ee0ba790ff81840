import { Hono } from 'hono';
import type { BareRepository } from './bare-repository.ts';
import { commitShape, contentShape, type Places, repositoryShape } from './rest-shapes.ts';

const NOT_FOUND = {
  message: 'Not Found',
  documentation_url: 'https://docs.github.com/rest',
  status: '404',
};

/** The few REST calls that the product and its doctor make; mounted behind authentication. */
export function restApi(places: Places, repository: BareRepository, now: () => Date): Hono {
  const app = new Hono();
  const base = `/repos/${places.owner}/${places.name}`;

  app.get('/rate_limit', (c) => {
    const reset = Math.floor(now().getTime() / 1000) + 3600;
    const rate = { limit: 5000, used: 1, remaining: 4999, reset };
    return c.json({ resources: { core: rate, search: rate, graphql: rate }, rate });
  });

  app.get(base, async (c) => {
    const [head] = await repository.log(repository.branch, { limit: 1 });
    return head ? c.json(repositoryShape(places, repository.branch, head)) : c.json(NOT_FOUND, 404);
  });

  app.get(`${base}/commits`, async (c) => {
    const { sha = repository.branch, path, since, per_page = '30', page = '1' } = c.req.query();
    const oid = await repository.resolve(sha);
    if (oid === undefined) return c.json(NOT_FOUND, 404);
    const size = Math.min(Number(per_page), 100);
    const commits = await repository.log(oid, {
      ...(since === undefined ? {} : { since }),
      ...(path === undefined ? {} : { path }),
    });
    const start = (Number(page) - 1) * size;
    return c.json(commits.slice(start, start + size).map((commit) => commitShape(places, commit)));
  });

  app.get(`${base}/contents/:path{.*}`, async (c) => {
    const ref = c.req.query('ref') ?? repository.branch;
    const path = c.req.param('path');
    const oid = await repository.resolve(ref);
    if (oid === undefined) return c.json(NOT_FOUND, 404);
    const entry = path === '' ? undefined : await repository.entry(oid, path);
    if (path !== '' && entry === undefined) return c.json(NOT_FOUND, 404);
    if (entry?.type === 'blob') {
      return c.json(contentShape(places, entry, ref, await repository.blob(entry.oid)));
    }
    const entries = await repository.entries(oid, path);
    return c.json(entries.map((one) => contentShape(places, one, ref)));
  });

  return app;
}
