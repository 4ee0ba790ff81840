import { Hono } from 'hono';
import { serveLoopback } from './serve-loopback.ts';

export interface Mail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly at: string;
}

export interface SlackMessage {
  readonly text: string;
  readonly at: string;
}

export interface Inbox {
  readonly url: string;
  readonly mails: readonly Mail[];
  readonly slack: readonly SlackMessage[];
  close(): Promise<void>;
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
.band{background:#7a4b00;color:#fff;padding:.25rem .75rem;border-radius:.25rem}article{border:1px solid #8886;border-radius:.5rem;padding:.75rem 1rem;margin:1rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:14px/1.5 ui-monospace,monospace}h2{font-size:1.05rem;margin:0}p.meta{opacity:.75;margin:.25rem 0}a{overflow-wrap:anywhere}`;

/** Where the twin's mails and Slack messages arrive: a page to look at, and the endpoints that deliver to it. */
export async function startInbox(port: number): Promise<Inbox> {
  const mails: Mail[] = [];
  const slack: SlackMessage[] = [];
  const seen = new Set<string>();
  const app = new Hono();
  app.post('/mail', async (c) => {
    const mail = await c.req.json<Omit<Mail, 'at'>>();
    if (!seen.has(`${mail.id} ${mail.to}`)) mails.push({ ...mail, at: new Date().toISOString() });
    seen.add(`${mail.id} ${mail.to}`);
    return c.body(null, 204);
  });
  app.post('/slack/:channel', async (c) => {
    slack.push({ text: (await c.req.json<{ text: string }>()).text, at: new Date().toISOString() });
    return c.text('ok');
  });
  app.get('/mails', (c) => c.json(mails));
  app.get('/', (c) => c.html(`<!doctype html>${String(<Page mails={mails} slack={slack} />)}`));
  const { close } = await serveLoopback(app, port);
  return {
    url: `http://127.0.0.1:${port}`,
    mails,
    slack,
    close,
  };
}

function Page({ mails, slack }: { mails: readonly Mail[]; slack: readonly SlackMessage[] }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Inbox ({mails.length + slack.length})</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <p class="band">Twin: nothing here is real.</p>
        <h1>Inbox</h1>
        <p>
          {mails.length} mails, {slack.length} Slack messages. <a href="/">Refresh</a>
        </p>
        {[...mails].reverse().map((mail) => (
          <article>
            <h2>{mail.subject}</h2>
            <p class="meta">
              to {mail.to}, <time datetime={mail.at}>{mail.at}</time>
            </p>
            <pre>{linked(mail.text)}</pre>
          </article>
        ))}
        {[...slack].reverse().map((message) => (
          <article>
            <h2>Slack #platform-support</h2>
            <p class="meta">
              <time datetime={message.at}>{message.at}</time>
            </p>
            <pre>{message.text}</pre>
          </article>
        ))}
      </body>
    </html>
  );
}

/** Mail programs make links of what looks like one. */
function linked(text: string) {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, i) => (i % 2 === 1 ? <a href={part}>{part}</a> : part));
}
