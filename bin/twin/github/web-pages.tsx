import type { FC, PropsWithChildren } from 'hono/jsx';
import type { Commit } from './bare-repository.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre { font: 14px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.add { color: light-dark(#0a6b2d, #6fdc8c); } .cut { color: light-dark(#a4161a, #ff8389); }
small { opacity: .8; }
`;

const Page: FC<PropsWithChildren<{ title: string }>> = ({ title, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{title}</title>
      <style>{STYLE}</style>
    </head>
    <body>
      <p>
        <small>The twin’s GitHub: a real git repository, not github.com.</small>
      </p>
      <main>{children}</main>
    </body>
  </html>
);

/** One commit as a person sees it who followed a link from a mail or the board. */
export const CommitPage: FC<{ repository: string; commit: Commit; diff: string }> = (props) => {
  const { repository, commit, diff } = props;
  const [subject = '', ...body] = commit.message.split('\n');
  return (
    <Page title={`${subject} · ${repository}`}>
      <p>
        <a href={`/${repository}/commits`}>{repository}</a>
      </p>
      <h1>{subject}</h1>
      <pre>{body.join('\n').trim()}</pre>
      <p>
        {commit.author.name} committed on <time>{commit.committer.date}</time> ·{' '}
        <code>{commit.oid}</code>
      </p>
      <h2>Changes</h2>
      <pre>
        {diff.split('\n').map((line) => (
          <span class={classOf(line)}>{`${line}\n`}</span>
        ))}
      </pre>
    </Page>
  );
};

export const CommitsPage: FC<{
  repository: string;
  commits: readonly Commit[];
  cloneUrl: string;
}> = ({ repository, commits, cloneUrl }) => (
  <Page title={`Commits · ${repository}`}>
    <h1>{repository}</h1>
    <p>
      <code>git clone {cloneUrl}</code>
    </p>
    <ol>
      {commits.map(({ oid, message, author, committer }) => (
        <li>
          <a href={`/${repository}/commit/${oid}`}>{message.split('\n')[0]}</a>
          <br />
          <small>
            {author.name}, <time>{committer.date}</time>, <code>{oid.slice(0, 7)}</code>
          </small>
        </li>
      ))}
    </ol>
  </Page>
);

function classOf(line: string): string {
  if (/^\+(?!\+\+)/.test(line)) return 'add';
  return /^-(?!--)/.test(line) ? 'cut' : '';
}
