import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { awsEnvironment } from './child-environment.ts';
import { requireTwin } from './guard.ts';
import { DEFAULT_BASE_PORT, ROOT } from './layout.ts';
import { PEOPLE, type Person, sessionOf } from './people.ts';

/** `npm run as -- <person> <conveyor command …>`: the CLI with that person's session in the running twin. */
const [person = '', ...args] = process.argv.slice(2);
if (!(PEOPLE as readonly string[]).includes(person)) {
  process.stderr.write(`Say who: npm run as -- <${PEOPLE.join('|')}> status\n`);
  process.exit(2);
}
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const endpoint = new URL(`http://127.0.0.1:${process.env['TWIN_BASE_PORT'] ?? DEFAULT_BASE_PORT}`);
await requireTwin(endpoint);
const env = awsEnvironment(endpoint, await sessionOf(endpoint, person as Person));
spawn(process.execPath, [join(ROOT, 'dist/conveyor.mjs'), ...args], { env, stdio: 'inherit' }).on(
  'close',
  (code) => {
    process.exitCode = code ?? 1;
  },
);
