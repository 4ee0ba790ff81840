import type { Clock } from '../../lambdas/ports/clock.ts';
import type { Api } from './api.ts';
import type { IoHost } from './io-host.ts';
import { openReporter, type Reporter } from './reporter.ts';

export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly endpoint?: string;
}

/** What every verb is given. The API is found, and credentials are asked for, when it is first used. */
export interface Context {
  readonly host: IoHost;
  readonly clock: Clock;
  readonly verb: string;
  readonly reporter: Reporter;
  api(): Promise<Api>;
}

export function openContext(
  host: IoHost,
  clock: Clock,
  options: CommonOptions,
  verb: string,
): Context {
  let api: Promise<Api> | undefined;
  return {
    host,
    clock,
    verb,
    reporter: openReporter(host, options.quiet === true),
    api: () => {
      api ??= import('./connect.ts').then(({ connect }) => connect(host, clock, options.endpoint));
      return api;
    },
  };
}
