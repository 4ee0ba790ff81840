import type { Change } from '../../lambdas/ports/table.ts';
import { beacon, shop } from '../promote/shop.ts';
import type { Act } from './acts.ts';
import type { HostDraw } from './draw-fleets.ts';
import { Actors } from './world/actors.ts';
import { World } from './world/world.ts';

export interface FleetOptions {
  readonly hosts: number;
  /** As `shop` takes it. */
  readonly rollout?: object;
  /** Of every ten hosts, so many are off. @default 0 */
  readonly off?: number;
  /** Each takes ten minutes more. @default false */
  readonly slow?: boolean;
}

/** What a release to so many hosts came to. Sizes are bytes of JSON. */
export interface Measured {
  readonly state: string | undefined;
  readonly waves: number;
  readonly minutes: number;
  readonly transitions: number;
  readonly events: number;
  /** Requests to AWS by API action, pages counted. */
  readonly calls: Readonly<Record<string, number>>;
  /** Most of them in one second. */
  readonly busiestSecond: number;
  readonly largestPayload: number;
  readonly largestItem: number;
  readonly largestWrite: number;
}

const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const MINUTE = 60_000;

/** Requests behind a call of a port: pages of so many ("DescribeInstances", "DescribeInstanceInformation", …). */
function requests(method: string, all: number): readonly (readonly [string, number])[] {
  switch (method) {
    case 'tagged':
      return [
        ['DescribeInstances', Math.max(1, Math.ceil(all / 1_000))],
        ['DescribeInstanceInformation', Math.max(1, Math.ceil(all / 50))],
      ];
    case 'send':
      return [['SendCommand', 1]];
    case 'invocations':
      return [['ListCommandInvocations', 1]];
    case 'find':
      return [['ListCommands', 1]];
    default:
      return [['CancelCommand', 1]];
  }
}

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? '');

/** One release to one fleet, on the real machine and functions, in virtual time; a script takes about half a minute. */
export async function measureFleet({
  hosts,
  rollout = {},
  off = 0,
  slow = false,
}: FleetOptions): Promise<Measured> {
  const draws = Array.from({ length: hosts }, (_, n): HostDraw => {
    return {
      zone: ZONES[n % 3] ?? '',
      isOn: n % 10 >= off,
      before: 'a',
      mishaps: slow ? ['slow'] : [],
    };
  });
  const changes = { dev: { promotion: 'auto' }, [beacon]: { rollout } };
  const fleets = [{ service: beacon, environment: 'dev', hosts: draws }];
  const config = shop(changes, [beacon]);
  const world = new World({ seed: 1, config, fleets, shuffled: false, slowness: [0, 1] });
  const actors = new Actors(world, changes, { readMail: false, services: [beacon] });
  const calls: Record<string, number> = {};
  const seconds = new Map<number, number>();
  let largestPayload = 0;
  let largestItem = 0;
  let largestWrite = 0;
  world.watchers.push(({ port, method, args }) => {
    if (port === 'table' && method === 'write') {
      const sizes = (args[0] as Change[]).map(({ value }) => bytes(value));
      largestItem = Math.max(largestItem, ...sizes);
      largestWrite = Math.max(
        largestWrite,
        sizes.reduce((sum, size) => sum + size, 0),
      );
    }
    if (!port.startsWith('hosts.')) return;
    const second = Math.floor(world.loop.now() / 1_000);
    for (const [action, n] of requests(method, hosts)) {
      calls[action] = (calls[action] ?? 0) + n;
      // A listing's pages come one after the other.
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
    }
  });
  const invoke = world.invoke.bind(world);
  world.invoke = async (name, payload, call) => {
    const result = await invoke(name, payload, call);
    if (call !== undefined)
      largestPayload = Math.max(largestPayload, bytes(payload), bytes(result));
    return result;
  };

  const push: Act = { do: 'push', service: beacon, version: '41', event: 'once' };
  const began = world.loop.now();
  world.loop.spawn(() => actors.act(push));
  const isOver = () => world.promotes.all[0]?.isOver === true;
  for (let minutes = 0; !isOver() && minutes < 60 * 24 * 14; minutes++)
    await world.loop.run(world.loop.now() + MINUTE);

  const [execution] = world.promotes.all;
  const [record] = world.records();
  return {
    state: record?.state,
    waves: record?.steps.hosts?.waves ?? 0,
    minutes: Math.round((world.loop.now() - began) / MINUTE),
    transitions: execution?.states.length ?? 0,
    events: execution?.events.length ?? 0,
    calls,
    busiestSecond: Math.max(0, ...seconds.values()),
    largestPayload,
    largestItem,
    largestWrite,
  };
}
