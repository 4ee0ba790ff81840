#!/usr/bin/env node
import { processHost } from './cli/io-host.ts';
import { main } from './cli/main.ts';

// The SDK's own advice about Node versions is not this command's to give.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
const host = processHost();
const code = await main(process.argv.slice(2), host);
await host.flush();
// Timers and kept-alive connections have nothing left to say.
process.exit(code);
