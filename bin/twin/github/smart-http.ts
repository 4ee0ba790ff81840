import { spawn } from 'node:child_process';

export interface SmartHttpCall {
  /** The folder that holds `owner/repository.git`. */
  readonly root: string;
  /** `/owner/repository.git/info/refs` and the like. */
  readonly path: string;
  readonly request: Request;
  /** Set where the caller may push. */
  readonly user?: string | undefined;
}

/** git's smart HTTP by git's own CGI program, so that any git can clone and push. */
export async function serveGit({ root, path, request, user }: SmartHttpCall): Promise<Response> {
  const { headers, method } = request;
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      PATH_INFO: path,
      REQUEST_METHOD: method,
      QUERY_STRING: new URL(request.url).search.slice(1),
      CONTENT_TYPE: headers.get('content-type') ?? '',
      HTTP_CONTENT_ENCODING: headers.get('content-encoding') ?? '',
      GIT_PROTOCOL: headers.get('git-protocol') ?? '',
      REMOTE_ADDR: '127.0.0.1',
      ...(user === undefined ? {} : { REMOTE_USER: user }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stdin.on('error', () => undefined);
  const body = method === 'POST' ? Buffer.from(await request.arrayBuffer()) : undefined;
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
  child.stdin.end(body);
  await ended;
  return parseCgi(Buffer.concat(output));
}

/** RFC 3875 §6: headers, an empty line, the body; the status is a header. */
function parseCgi(answer: Buffer): Response {
  const split = answer.indexOf('\r\n\r\n');
  const lines = answer.subarray(0, Math.max(split, 0)).toString('latin1').split('\r\n');
  const headers = new Headers();
  let status = split < 0 ? 502 : 200;
  for (const line of lines) {
    const [, name, value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else headers.append(name, value);
  }
  return new Response(new Uint8Array(answer.subarray(split + 4)), { status, headers });
}
