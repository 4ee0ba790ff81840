import type { FC } from 'hono/jsx';
import type { TwinApplication } from './twin-application.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
section { border: 1px solid #8886; border-radius: .5rem; padding: .5rem 1rem; margin: 1rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
button { font: inherit; padding: .4rem 1rem; min-height: 44px; }
form { display: inline-block; }
`;

/** Argo CD's list as a person needs it in the twin: what runs, is it in sync, and the button. */
export const ApplicationsPage: FC<{
  applications: readonly TwinApplication[];
  problem?: string | undefined;
}> = ({ applications, problem }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>Applications · the twin’s Argo CD</title>
      <style>{STYLE}</style>
    </head>
    <body>
      <main>
        <h1>Applications</h1>
        <p>A stand-in with Argo CD’s API: it reads the Ledger and says what would run.</p>
        {problem ? <p role="alert">{problem}</p> : null}
        {applications.map((application) => (
          <Application application={application} />
        ))}
      </main>
    </body>
  </html>
);

const Application: FC<{ application: TwinApplication }> = ({ application }) => {
  const { metadata, status } = application.describe();
  const manual = application.options.sync === 'manual';
  const earlier = status.history.slice(0, -1).reverse();
  return (
    <section id={metadata.name} aria-labelledby={`name-${metadata.name}`}>
      <h2 id={`name-${metadata.name}`}>{metadata.name}</h2>
      <dl>
        <dt>Sync</dt>
        <dd>
          {status.sync.status} ({manual ? 'manual' : 'automatic'})
        </dd>
        <dt>Health</dt>
        <dd>{status.health.status}</dd>
        <dt>Runs</dt>
        <dd>{status.summary.images?.join(', ') ?? 'nothing'}</dd>
        <dt>Compared with</dt>
        <dd>
          <code>{status.sync.revision.slice(0, 7)}</code>
        </dd>
      </dl>
      <form method="post" action={`/applications/${metadata.name}/sync`}>
        <button type="submit">Sync {metadata.name}</button>
      </form>
      {manual
        ? earlier.map(({ id, revision, deployedAt }) => (
            <form method="post" action={`/applications/${metadata.name}/rollback`}>
              <input type="hidden" name="id" value={String(id)} />
              <button type="submit">
                Roll back to {revision.slice(0, 7)}, deployed {deployedAt}
              </button>
            </form>
          ))
        : null}
    </section>
  );
};
