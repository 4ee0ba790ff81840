import type { InstanceId } from '../../../lambdas/domain/rollout.ts';
import type {
  CommandToSend,
  HostCommands,
  Invocation,
  Sent,
} from '../../../lambdas/ports/host-commands.ts';
import type { Loop } from '../loop.ts';
import type { Random } from '../random.ts';
import { type SimHost, WentDown } from './sim-host.ts';

export interface Taken {
  readonly id: string;
  readonly at: number;
  readonly command: CommandToSend;
  readonly invocations: Map<InstanceId, Invocation>;
}

/** One document: what it runs on a host. */
export interface Document<Asked> {
  /** SSM gives the command up, though the host does it; asked once for each host of a command. */
  readonly isGivenUp: (host: SimHost, asked: Asked) => boolean;
  readonly isTwice: (host: SimHost, asked: Asked) => boolean;
  /** Of what the script prints. @throws WentDown */
  readonly run: (host: SimHost, asked: Asked) => Promise<{ report: object; isWell: boolean }>;
}

/** SSM tells of a command within so long of taking it. */
const TOLD_WITHIN = 4_000;
const SECOND = 1_000;

/** Run Command of one document in one environment, in virtual time: deliveries take theirs, and come twice or not at all. */
export class SimCommands<Asked> implements HostCommands {
  readonly sent: Taken[] = [];

  constructor(
    private readonly loop: Loop,
    private readonly random: Random,
    private readonly prefix: string,
    private readonly hosts: readonly SimHost[],
    private readonly document: Document<Asked>,
  ) {}

  async send(command: CommandToSend): Promise<Sent> {
    const all = command.instances.map((instance) => this.#host(instance));
    const hosts = all.filter(({ isGone }) => !isGone);
    if (hosts.length === 0) return { to: [] };
    const at = this.loop.now();
    const id = `${this.prefix}-${this.sent.length + 1}`;
    const sent = { id, at, command, invocations: new Map() };
    this.sent.push(sent);
    for (const host of hosts) {
      const { instance } = host;
      sent.invocations.set(instance, { instance, ended: false, detail: 'Pending', output: '' });
      this.loop.spawn(() => this.#deliver(host, sent));
    }
    return { id, to: hosts.map(({ instance }) => instance) };
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
    const { loop, random, document } = this;
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
      if (document.isTwice(host, asked))
        loop.spawn(async () => {
          await loop.sleep(random.below(20 * SECOND));
          if (host.isOn) await this.#run(host, sent, asked);
        });
    });
  }

  async #run(host: SimHost, sent: Taken, asked: Asked): Promise<void> {
    // The agent takes it, and SSM hears no more of that.
    if (this.document.isGivenUp(host, asked)) this.#end(sent, host, 'DeliveryTimedOut');
    try {
      const { report, isWell } = await this.document.run(host, asked);
      this.#end(sent, host, isWell ? 'Success' : 'Failed', `${JSON.stringify(report)}\n`);
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
