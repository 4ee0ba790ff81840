import { type Context, Hono } from 'hono';
import { csrf } from 'hono/csrf';
import { ApplicationsPage } from './applications-page.tsx';
import { findApplication } from './find-application.ts';
import { ArgocdError, type TwinApplication } from './twin-application.ts';

/** What a person sees and presses; forms, so that it works without a script. */
export function argocdPages(applications: readonly TwinApplication[]): Hono {
  const app = new Hono();
  const page = async (c: Context, problem?: string) => {
    await Promise.all(applications.map((one) => one.refresh()));
    const html = <ApplicationsPage applications={applications} problem={problem} />;
    return c.html(html, problem === undefined ? 200 : 409);
  };
  const act = async (c: Context, acting: (application: TwinApplication) => Promise<void>) => {
    const name = c.req.param('name') ?? '';
    try {
      await acting(findApplication(applications, name));
    } catch (error) {
      if (error instanceof ArgocdError) return page(c, error.message);
      throw error;
    }
    return c.redirect(`/applications#${name}`, 303);
  };
  app.use('/applications/*', csrf());
  app.get('/', (c) => c.redirect('/applications'));
  app.get('/applications', (c) => page(c));
  app.get('/applications/:name', (c) => c.redirect(`/applications#${c.req.param('name')}`));
  app.post('/applications/:name/sync', (c) => act(c, (application) => application.sync()));
  app.post('/applications/:name/rollback', async (c) => {
    const { id } = await c.req.parseBody();
    return act(c, (application) => application.rollback(Number(id)));
  });
  return app;
}
