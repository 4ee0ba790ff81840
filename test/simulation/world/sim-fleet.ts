import type { CommandToSend, HostCommands } from '../../../lambdas/ports/host-commands.ts';
import type { Host, Hosts } from '../../../lambdas/ports/hosts.ts';
import { instanceId } from '../../fakes/memory-fleet.ts';
import type { HostDraw } from '../draw-fleets.ts';
import type { Loop } from '../loop.ts';
import type { Random } from '../random.ts';
import { SimCommands } from './sim-commands.ts';
import { type Asked, type Running, SimHost, tagOf } from './sim-host.ts';
import { provisionDocument } from './sim-scaffold.ts';

/** EC2 and Run Command of one environment, in virtual time. */
export class SimFleet implements Hosts, HostCommands {
  readonly hosts: SimHost[] = [];
  /** What deploys, and what provisions: each by its own document. */
  readonly deploys: SimCommands<Asked>;
  readonly provisions: Hosts & HostCommands;
  /** How many are down, and will be back or replaced. */
  awaited = 0;
  /** False: the hosts' script takes no lock. */
  locks = true;

  constructor(
    private readonly loop: Loop,
    private readonly random: Random,
    /** Tells instances of environments apart. */
    private readonly number: number,
  ) {
    this.deploys = new SimCommands(loop, random, `${number}`, this.hosts, {
      isGivenUp: (host, { action }) => action === 'deploy' && host.mishaps.delete('timed out'),
      isTwice: (host, { action }) => action !== 'observe' && host.mishaps.delete('twice'),
      run: async (host, asked) => {
        const report = await host.run(asked);
        return { report, isWell: report.state === 'running' };
      },
    });
    const commands = new SimCommands(loop, random, `${number}p`, this.hosts, provisionDocument);
    this.provisions = {
      tagged: (tag) => this.tagged(tag),
      send: (command) => commands.send(command),
      find: (comment, since) => commands.find(comment, since),
      invocations: (id) => commands.invocations(id),
      cancel: (id) => commands.cancel(id),
    };
  }

  add(service: string, { zone, isOn, mishaps, scaffolding }: HostDraw, running?: Running): SimHost {
    const id = instanceId(this.number * 1_000_000 + this.hosts.length + 1);
    const begin = { running, isOn, mishaps, scaffolding };
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

  send(command: CommandToSend) {
    return this.deploys.send(command);
  }

  find(comment: string, since: Date) {
    return this.deploys.find(comment, since);
  }

  invocations(id: string) {
    return this.deploys.invocations(id);
  }

  cancel(id: string) {
    return this.deploys.cancel(id);
  }
}
