import { type HostReport, InstanceId } from '../../lambdas/domain/rollout.ts';
import type { Clock } from '../../lambdas/ports/clock.ts';
import type {
  CommandToSend,
  HostCommands,
  Invocation,
  Sent,
} from '../../lambdas/ports/host-commands.ts';
import type { Host, Hosts } from '../../lambdas/ports/hosts.ts';

export interface Running {
  readonly version: string;
  readonly digest: string;
  /** Who put it there by hand. */
  readonly held?: string;
}

/**
 * What is wrong with a host. `unhealthy`: the release does not pass its health check there. `killed`: the script dies between
 * switching and going back. `lies`: it ends well and has done nothing. `timed out`: it does all, and SSM gives it up.
 * `silent`: it takes commands that change something, and never answers; `mute`: any. `busy`: another run holds its lock, once.
 * `held`: the same, when it is told to go back.
 */
export type Fault =
  | 'unhealthy'
  | 'killed'
  | 'lies'
  | 'timed out'
  | 'silent'
  | 'mute'
  | 'busy'
  | 'held';

export interface FleetHost {
  readonly instance: InstanceId;
  readonly tag: string;
  readonly zone: string;
  online: boolean;
  running: Running | undefined;
  /** Versions that passed here, the last one last. */
  goods: Running[];
  readonly faults: Set<Fault>;
  /** Seconds that a look takes there: it waits for the health check. */
  looks: number;
  /** Deploys that changed something here. */
  switches: number;
}

interface Taken {
  readonly id: string;
  readonly at: number;
  readonly command: CommandToSend;
  readonly invocations: Map<InstanceId, Invocation>;
}

export function instanceId(n: number): InstanceId {
  return InstanceId.parse(`i-${n.toString(16).padStart(17, '0')}`);
}

/** Hosts in memory, which do what the shipped script does, and Run Command to them. */
export class MemoryFleet implements Hosts, HostCommands {
  readonly hosts: FleetHost[] = [];
  readonly sent: Taken[] = [];
  /** Terminated. */
  readonly gone = new Set<InstanceId>();
  readonly calls = { send: 0, find: 0, invocations: 0, cancel: 0, tagged: 0 };
  /** The command is taken, its reply is lost: so many times. */
  lostReplies = 0;

  constructor(private readonly clock: Clock) {}

  add(tag: string, running?: Running, zone = 'us-east-1a'): FleetHost {
    const host: FleetHost = {
      instance: instanceId(this.hosts.length + 1),
      tag,
      zone,
      online: true,
      running,
      goods: running === undefined ? [] : [running],
      faults: new Set(),
      looks: 0,
      switches: 0,
    };
    this.hosts.push(host);
    return host;
  }

  async tagged(tag: string): Promise<readonly Host[]> {
    this.calls.tagged += 1;
    return this.hosts
      .filter((host) => host.tag === tag)
      .map(({ instance, zone, online }) => ({ instance, zone, online }));
  }

  async send(command: CommandToSend): Promise<Sent> {
    this.calls.send += 1;
    const to = command.instances.filter((instance) => !this.gone.has(instance));
    if (to.length === 0) return { to: [] };
    const id = `command-${this.sent.length + 1}`;
    const invocations = new Map(
      to.map((instance) => [instance, this.#run(instance, command)] as const),
    );
    this.sent.push({ id, at: this.clock.now().getTime(), command, invocations });
    if (this.lostReplies > 0) {
      this.lostReplies -= 1;
      throw new Error('the reply was lost');
    }
    return { id, to };
  }

  async find(comment: string, since: Date): Promise<string | undefined> {
    this.calls.find += 1;
    return this.sent.find(
      ({ command, at }) => command.comment === comment && at >= since.getTime() - 60_000,
    )?.id;
  }

  async invocations(id: string): Promise<readonly Invocation[]> {
    this.calls.invocations += 1;
    const sent = this.sent.find((one) => one.id === id);
    return [...(sent?.invocations.values() ?? [])].map((one) =>
      sent !== undefined && this.#isLooking(sent, one.instance)
        ? { instance: one.instance, ended: false, detail: 'InProgress', output: '' }
        : one,
    );
  }

  async cancel(id: string): Promise<void> {
    this.calls.cancel += 1;
    const sent = this.sent.find((one) => one.id === id);
    for (const [instance, one] of sent?.invocations ?? [])
      if (!one.ended) sent?.invocations.set(instance, { ...one, ended: true, detail: 'Cancelled' });
  }

  #isLooking({ at, command }: Taken, instance: InstanceId): boolean {
    const { looks = 0 } = this.hosts.find((one) => one.instance === instance) ?? {};
    const { action } = JSON.parse(Buffer.from(command.request, 'base64').toString('utf8'));
    return action === 'observe' && this.clock.now().getTime() < at + looks * 1_000;
  }

  #run(instance: InstanceId, { request }: CommandToSend): Invocation {
    const host = this.hosts.find((one) => one.instance === instance);
    if (host === undefined || !host.online)
      return { instance, ended: false, detail: 'Pending', output: '' };
    const asked = JSON.parse(Buffer.from(request, 'base64').toString('utf8'));
    if (host.faults.has('mute') || (host.faults.has('silent') && asked.action !== 'observe'))
      return { instance, ended: false, detail: 'InProgress', output: '' };
    const report = act(host, asked);
    const detail = report === undefined || report.state !== 'running' ? 'Failed' : 'Success';
    const output = report === undefined ? '' : `${JSON.stringify(report)}\n`;
    if (host.faults.has('timed out') && asked.action === 'deploy')
      return { instance, ended: true, detail: 'DeliveryTimedOut', output: '' };
    return { instance, ended: true, detail, output };
  }
}

interface Asked extends Running {
  readonly hold?: string;
  readonly action: 'deploy' | 'observe' | 'restore';
  readonly service: string;
}

function act(host: FleetHost, asked: Asked): HostReport | undefined {
  const { action, version, digest, hold } = asked;
  if (action === 'observe') return report(host, asked, '');
  if (action === 'restore') {
    if (host.faults.delete('held'))
      return { ...report(host, asked, 'another run holds the lock'), state: 'busy' };
    // Where nothing else ever passed, the rejected one stays: better than nothing that runs.
    const others = host.goods.filter((good) => good.version !== version);
    if (others.length > 0 && host.running?.version === version) host.running = others.at(-1);
    host.goods = others;
    return report(host, asked, 'went back');
  }
  if (host.faults.delete('busy'))
    return { ...report(host, asked, 'another run holds the lock'), state: 'busy' };
  if (host.faults.has('lies')) return { ...report(host, asked, ''), state: 'running' };
  const wanted = { version, digest, ...(hold !== undefined && { held: hold }) };
  if (host.running?.version === version && host.running.digest === digest) {
    host.running = wanted;
    return report(host, asked, '');
  }
  host.switches += 1;
  const before = host.goods.at(-1);
  host.running = wanted;
  if (host.faults.has('killed')) return undefined;
  if (host.faults.has('unhealthy')) {
    host.running = before;
    return { ...report(host, asked, 'the health check failed'), state: 'failed' };
  }
  host.goods.push(host.running);
  return report(host, asked, '');
}

function report(host: FleetHost, { service, action, version }: Asked, reason: string): HostReport {
  const { running, faults } = host;
  const good = host.goods.at(-1);
  const isIll = faults.has('unhealthy') || faults.has('killed');
  const isWanted = running?.version === version;
  return {
    schema: 1,
    service: service as HostReport['service'],
    action,
    state: running === undefined ? 'absent' : isWanted && !isIll ? 'running' : 'failed',
    ...(running && {
      version: running.version as NonNullable<HostReport['version']>,
      digest: running.digest as NonNullable<HostReport['digest']>,
      ...(running.held !== undefined && { held: running.held }),
    }),
    ...(good && { good: good.version as NonNullable<HostReport['good']> }),
    health: isWanted && isIll ? 'failed' : 'none',
    reason,
  };
}
