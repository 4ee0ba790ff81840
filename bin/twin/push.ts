import { requireTwin } from './guard.ts';
import { DEFAULT_BASE_PORT } from './layout.ts';
import { pushSample } from './use-twin.ts';

/** `npm run push -- <service> <version>`: makes a multi-arch image and pushes it to the running twin's dev registry. */
const [service, version] = process.argv.slice(2);
if (service === undefined || version === undefined) {
  process.stderr.write('Say what: npm run push -- payments 2001\n');
  process.exit(2);
}
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const endpoint = new URL(`http://127.0.0.1:${process.env['TWIN_BASE_PORT'] ?? DEFAULT_BASE_PORT}`);
await requireTwin(endpoint);
process.stdout.write(`${await pushSample(endpoint, service, version)}\n`);
