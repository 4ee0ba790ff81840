#!/usr/bin/env node
import { processHost } from './cli/io-host.ts';
import { main } from './cli/main.ts';

const host = processHost();
const code = await main(process.argv.slice(2), host);
await host.flush();
// Timers and kept-alive connections have nothing left to say.
process.exit(code);
