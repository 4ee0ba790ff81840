import type { Landed, Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Change } from '../../../lambdas/ports/table.ts';
import { rolloutPolicyOf } from '../draw-fleets.ts';
import type { SimHost } from '../world/sim-host.ts';
import { serviceOf } from '../world/sim-host.ts';
import type { World } from '../world/world.ts';
import type { Invariant } from './invariant.ts';

/** One version is brought to a host so often; then it is let be (ADR 0015). */
const MOST_TRIES = 3;

interface Late {
  readonly host: SimHost;
  readonly service: string;
  readonly environment: string;
  readonly landed: Landed;
}

/** Hosts that can be reached, and do not run what their environment holds. */
function lateHosts(world: World): Late[] {
  return Object.entries(world.fleets).flatMap(([environment, { hosts }]) =>
    hosts.flatMap((host) => {
      const service = serviceOf(host.tag);
      const key = { pk: `S#${service}`, sk: `E#${environment}#L#LANDED` };
      const landed = world.table.peek<Landed>(key)?.value;
      const { running } = host;
      if (landed === undefined || !host.isOn || host.isGone) return [];
      const isCurrent = running?.version === landed.version && running.digest === landed.digest;
      return isCurrent ? [] : [{ host, service, environment, landed }];
    }),
  );
}

const nameOf = ({ host, service, environment, landed }: Late) =>
  `${host.instance} of ${service} in ${environment} runs ${host.running?.version ?? 'nothing'}, not ${landed.version}`;

/** What people were told of a host's drift: a notice names ten, and counts the others. */
function toldOf({ notices }: World, { host, service, environment }: Late): boolean {
  return notices
    .to('everybody')
    .filter(({ id, message: { text } }) => {
      return id.startsWith('drift-') && text.startsWith(`${service} ${environment}:`);
    })
    .some(({ message: { text } }) => text.includes(host.instance) || /^and \d+ more/m.test(text));
}

/** Why it may be let be; undefined where nothing says so. */
function whyLetBe(world: World, { host, service, environment, landed }: Late): string | undefined {
  const here = world
    .records()
    .filter((one) => one.service === service && one.environment === environment);
  const tries = here.filter(
    ({ kind, version, only }) =>
      kind === 'catch-up' && version === landed.version && only?.includes(host.instance),
  );
  if (tries.length >= MOST_TRIES) return 'it was brought there in vain';
  const { onFailure } = rolloutPolicyOf(world.config, service) ?? {};
  const stopped = here.find(
    ({ id, state, version }) =>
      id > landed.promotion && state === 'failed' && version === host.running?.version,
  );
  return onFailure !== 'rollback' && stopped ? `${stopped.id} was stopped` : undefined;
}

const isReported = (world: World, service: string) =>
  rolloutPolicyOf(world.config, service)?.catchUp === 'report';

export const reportedIsLetBe: Invariant = {
  name: 'where catchUp says report, people are told of a late host, and nothing is brought to it',
  watch: (world, broken) => ({
    onEffect({ port, method, args, result }) {
      if (port !== 'table' || method !== 'write' || result !== true) return;
      for (const { sk, value } of args[0] as Change[]) {
        if (!sk.includes('#P#') || value === undefined) continue;
        const { id, kind, service } = value as Promotion;
        if (kind === 'catch-up' && isReported(world, service)) broken(`${id} brings ${service}`);
      }
    },
    atEnd() {
      for (const late of lateHosts(world))
        if (isReported(world, late.service) && !toldOf(world, late))
          broken(`${nameOf(late)}, and nobody was told`);
    },
  }),
};

export const lateIsBrought: Invariant = {
  name: 'once nothing goes wrong any more, a host that can be reached runs what is promoted there, or people were told why not',
  watch: (world, broken) => ({
    atEnd() {
      for (const late of lateHosts(world)) {
        if (isReported(world, late.service)) continue;
        const why = whyLetBe(world, late);
        if (why === undefined) broken(`${nameOf(late)}, and nothing lets it be`);
        if (!toldOf(world, late)) broken(`${nameOf(late)}: ${why}; nobody was told`);
      }
    },
  }),
};
