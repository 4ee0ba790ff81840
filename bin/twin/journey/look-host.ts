import type { Host } from '../hosts/start-hosts.ts';
import { expect } from './expect.ts';
import { until } from './watch.ts';

/** What a host runs, asked at its console and not by Conveyor. */
export interface Running {
  /** What the service answers itself. */
  readonly version: string;
  /** compose: the image by its registry's digest; systemd: the release that `current` leads to. */
  readonly of: string;
}

/** What dagster's container is, and what it answers. */
export async function dagsterOn(host: Host): Promise<Running> {
  const container = await host.shell(
    `docker ps --quiet --filter label=com.docker.compose.project=dagster`,
  );
  const of = await host.shell(
    `docker inspect --format '{{index .RepoDigests 0}}' "$(docker inspect --format '{{.Image}}' ${container})"`,
  );
  return { version: await answerOf(host, 3_000), of };
}

/** What gateway's `current` leads to, and what it answers. */
export async function gatewayOn(host: Host): Promise<Running> {
  const of = await host.shell('basename "$(readlink -f /srv/wardnet/gateway/current)"');
  return { version: await answerOf(host, 8_080), of };
}

/** Every host of them, and the processes that answer there. @throws JourneyFailed */
export async function allRun(
  hosts: readonly Host[],
  look: (host: Host) => Promise<Running>,
  wanted: { readonly version: string; readonly of: RegExp },
): Promise<void> {
  for (const host of hosts) {
    const seen = await look(host);
    const right = seen.version === wanted.version && wanted.of.test(seen.of);
    expect(right, `${host.instance} runs ${wanted.version}`, seen);
  }
}

function answerOf(host: Host, port: number): Promise<string> {
  return until(`an answer of ${host.instance}`, async () =>
    host
      .shell(`curl --silent --fail --max-time 3 http://127.0.0.1:${port}/version`)
      .catch(() => undefined),
  );
}
