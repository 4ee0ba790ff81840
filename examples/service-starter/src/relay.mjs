import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

/** Answers `/health` and nothing else: a service as small as it can be. */
export const relay = createServer((request, response) => {
  const healthy = request.url === '/health';
  response.writeHead(healthy ? 200 : 404, { 'content-type': 'text/plain' });
  response.end(healthy ? 'ok\n' : 'not here\n');
});

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  relay.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
