import type { InstanceId } from '../../../lambdas/domain/rollout.ts';
import type {
  CommandToSend,
  HostCommands,
  Invocation,
  Sent,
} from '../../../lambdas/ports/host-commands.ts';
import type { Host, Hosts } from '../../../lambdas/ports/hosts.ts';
import { instanceId } from '../../fakes/memory-fleet.ts';
import type { HostDraw } from '../draw-fleets.ts';
import type { Loop } from '../loop.ts';
import type { Random } from '../random.ts';
import { type Asked, type Running, SimHost, WentDown } from './sim-host.ts';

interface Taken {
  readonly id: string;
  readonly at: number;
  readonly command: CommandToSend;
  readonly invocations: Map<InstanceId, Invocation>;
}

/** SSM tells of a command within so long of taking it. */
const TOLD_WITHIN = 4_000;
const SECOND = 1_000;

/** EC2 and Run Command of one environment, in virtual time: deliveries take theirs, and come twice or not at all. */
export class SimFleet implements Hosts, HostCommands {
  readonly hosts: SimHost[] = [];
  readonly sent: Taken[] = [];
  /** False: the hosts' script takes no lock. */
  locks = true;

  constructor(
    private readonly loop: Loop,
    private readonly random: Random,
    /** Tells instances of environments apart. */
    private readonly number: number,
  ) {}

  add(service: string, { zone, isOn, mishaps }: HostDraw, running?: Running): SimHost {
    const id = instanceId(this.number * 1_000_000 + this.hosts.length + 1);
    const begin = { running, isOn, mishaps };
    const locks = () => this.locks;
    const host = new SimHost(id, tagOf(service), zone, begin, this.loop, this.random, locks);
    this.hosts.push(host);
    return host;
  }

  of(service: string): SimHost[] {
    return this.hosts.filter(({ tag }) => tag === tagOf(service));
  }

  async tagged(tag: string): Promise<readonly Host[]> {
    return this.hosts
      .filter((host) => host.tag === tag && !host.isGone)
      .map(({ instance, zone, isOn }) => ({ instance, zone, online: isOn }));
  }

  async send(command: CommandToSend): Promise<Sent> {
    const all = command.instances.map((instance) => this.#host(instance));
    const hosts = all.filter(({ isGone }) => !isGone);
    if (hosts.length === 0) return { to: [] };
    const at = this.loop.now();
    const sent = {
      id: `${this.number}-${this.sent.length + 1}`,
      at,
      command,
      invocations: new Map(),
    };
    this.sent.push(sent);
    for (const host of hosts) {
      const { instance } = host;
      sent.invocations.set(instance, { instance, ended: false, detail: 'Pending', output: '' });
      this.loop.spawn(() => this.#deliver(host, sent));
    }
    return { id: sent.id, to: hosts.map(({ instance }) => instance) };
  }

  async find(comment: string, since: Date): Promise<string | undefined> {
    const now = this.loop.now();
    return this.sent.find(
      ({ command, at }) =>
        command.comment === comment && at >= since.getTime() - 60_000 && at + TOLD_WITHIN < now,
    )?.id;
  }

  async invocations(id: string): Promise<readonly Invocation[]> {
    const sent = this.sent.find((one) => one.id === id);
    if (sent === undefined || sent.at + this.random.below(TOLD_WITHIN) > this.loop.now()) return [];
    return [...sent.invocations.values()];
  }

  async cancel(id: string): Promise<void> {
    const sent = this.sent.find((one) => one.id === id);
    for (const one of sent?.invocations.values() ?? [])
      if (!one.ended)
        sent?.invocations.set(one.instance, { ...one, ended: true, detail: 'Cancelled' });
  }

  async #deliver(host: SimHost, sent: Taken): Promise<void> {
    const { loop, random } = this;
    const { command, invocations } = sent;
    await loop.sleep(random.below(3 * SECOND));
    const seconds = Math.min(600, Math.max(30, command.within));
    let isTaken = false;
    const giveUp = loop.alarm(seconds * SECOND, () => this.#end(sent, host, 'DeliveryTimedOut'));
    host.whenOn(() => {
      giveUp();
      // Given up, or called off, before the host was there to take it.
      if (isTaken || invocations.get(host.instance)?.ended) return;
      isTaken = true;
      const asked: Asked = JSON.parse(Buffer.from(command.request, 'base64').toString('utf8'));
      loop.spawn(() => this.#run(host, sent, asked));
      if (asked.action !== 'observe' && host.mishaps.delete('twice'))
        loop.spawn(async () => {
          await loop.sleep(random.below(20 * SECOND));
          if (host.isOn) await this.#run(host, sent, asked);
        });
    });
  }

  async #run(host: SimHost, sent: Taken, asked: Asked): Promise<void> {
    // The agent takes it, and SSM hears no more of that.
    if (asked.action === 'deploy' && host.mishaps.delete('timed out'))
      this.#end(sent, host, 'DeliveryTimedOut');
    try {
      const report = await host.run(asked);
      const detail = report.state === 'running' ? 'Success' : 'Failed';
      this.#end(sent, host, detail, `${JSON.stringify(report)}\n`);
    } catch (error) {
      if (!(error instanceof WentDown)) throw error;
      await this.loop.sleep(this.random.below(600) * SECOND);
      this.#end(sent, host, 'Terminated');
    }
  }

  /** What has ended stays so. */
  #end({ invocations }: Taken, { instance }: SimHost, detail: string, output = ''): void {
    if (invocations.get(instance)?.ended) return;
    invocations.set(instance, { instance, ended: true, detail, output });
  }

  #host(instance: InstanceId): SimHost {
    const host = this.hosts.find((one) => one.instance === instance);
    if (host === undefined) throw new Error(`there is no ${instance}`);
    return host;
  }
}

export const tagOf = (service: string) => `shop:${service}=true`;
export const serviceOf = (tag: string) => /:(.*)=/.exec(tag)?.[1] ?? '';
