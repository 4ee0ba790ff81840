import type { InstanceId } from '../../lambdas/domain/rollout.ts';
import type { Clock } from '../../lambdas/ports/clock.ts';
import type {
  CommandToSend,
  HostCommands,
  Invocation,
  Sent,
} from '../../lambdas/ports/host-commands.ts';
import type { Host, Hosts } from '../../lambdas/ports/hosts.ts';
import type { ProvisionRequest } from '../../lambdas/provision/provision-request.ts';
import { instanceId } from './memory-fleet.ts';
import {
  enable,
  inOrder,
  lookAt,
  putPart,
  removedParts,
  reportOf,
  type Scaffold,
} from './scaffold.ts';

/**
 * What is wrong with a host, once: `killed`: the script dies in the middle and says nothing. `lies`: it says that all is as
 * declared and has done nothing. `timed out`: it does all, and SSM gives it up. `busy`: another run holds the lock. `full`: its disk is. `another key`: it is
 * rebuilt, and decrypts with another key from now on.
 */
export type ScaffoldFault = 'killed' | 'lies' | 'timed out' | 'busy' | 'full' | 'another key';

export interface ScaffoldHost extends Scaffold {
  key: string;
  readonly instance: InstanceId;
  readonly tag: string;
  online: boolean;
  readonly faults: ScaffoldFault[];
}

interface Taken {
  readonly id: string;
  readonly at: number;
  readonly command: CommandToSend;
  readonly invocations: readonly Invocation[];
}

type Asked = ProvisionRequest & { readonly kind: string };

/** Hosts in memory whose scaffolding changes as provision.sh changes it, and Run Command to them. */
export class MemoryScaffolds implements Hosts, HostCommands {
  readonly hosts: ScaffoldHost[] = [];
  readonly sent: Taken[] = [];
  /** Terminated. */
  readonly gone = new Set<InstanceId>();
  readonly cancelled: string[] = [];
  /** Called for each command, before it reaches its hosts. */
  beforeSend: (command: CommandToSend) => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly keyOf: (n: number) => string,
  ) {}

  add(tag: string): ScaffoldHost {
    const n = this.hosts.length + 1;
    const host: ScaffoldHost = {
      instance: instanceId(n),
      tag,
      online: true,
      key: this.keyOf(n),
      parts: new Map(),
      records: new Map(),
      enabled: new Set(),
      changes: [],
      faults: [],
    };
    this.hosts.push(host);
    return host;
  }

  async tagged(tag: string): Promise<readonly Host[]> {
    return this.hosts
      .filter((host) => host.tag === tag)
      .map(({ instance, online }) => ({ instance, zone: 'us-east-1a', online }));
  }

  async send(command: CommandToSend): Promise<Sent> {
    this.beforeSend(command);
    const to = command.instances.filter((instance) => !this.gone.has(instance));
    if (to.length === 0) return { to: [] };
    const id = `command-${this.sent.length + 1}`;
    const invocations = to.map((instance) => this.#run(instance, command));
    this.sent.push({ id, at: this.clock.now().getTime(), command, invocations });
    return { id, to };
  }

  async find(comment: string, since: Date): Promise<string | undefined> {
    return this.sent.find(
      ({ command, at }) => command.comment === comment && at >= since.getTime() - 60_000,
    )?.id;
  }

  async invocations(id: string): Promise<readonly Invocation[]> {
    return this.sent.find((one) => one.id === id)?.invocations ?? [];
  }

  async cancel(id: string): Promise<void> {
    this.cancelled.push(id);
  }

  #run(instance: InstanceId, { request }: CommandToSend): Invocation {
    const host = this.hosts.find((one) => one.instance === instance);
    if (host === undefined || !host.online)
      return { instance, ended: false, detail: 'Pending', output: '' };
    const asked: Asked = JSON.parse(Buffer.from(request, 'base64').toString('utf8'));
    const fault = asked.action === 'observe' ? undefined : host.faults.shift();
    if (fault === 'another key') host.key = this.keyOf(1_000 + this.sent.length);
    const report = act(host, asked, fault);
    const output = report === undefined ? '' : `${JSON.stringify(report)}\n`;
    if (fault === 'timed out')
      return { instance, ended: true, detail: 'DeliveryTimedOut', output: '' };
    const isWell = report !== undefined && /present|absent/.test(report.state);
    return { instance, ended: true, detail: isWell ? 'Success' : 'Failed', output };
  }
}

function act(host: ScaffoldHost, asked: Asked, fault: ScaffoldFault | undefined) {
  const { action, service, parts = [], credential } = asked;
  const say = (state: string, reason: string) => reportOf(host, service, state, reason);
  if (action === 'observe') return lookAt(host, service, 'as seen');
  if (fault === 'busy') return say('busy', 'another run holds the lock');
  if (fault === 'full') return say('failed', 'no space is left');
  if (fault === 'lies') return say('present', 'as declared');
  if (action === 'remove') {
    for (const path of removedParts(service)) {
      if (host.parts.delete(path)) host.changes.push(`removed ${path}`);
      if (fault === 'killed') return undefined;
    }
    host.records.delete(service);
    host.enabled.delete(service);
    return lookAt(host, service, 'removed');
  }
  if (credential !== undefined && credential.hostKey !== host.key)
    return say('failed', 'this host has another key by now; plan again');
  for (const [n, part] of inOrder(service, parts).entries()) {
    if (fault === 'killed' && n === Math.floor(parts.length / 2)) return undefined;
    putPart(host, service, part, credential);
  }
  enable(host, service);
  return lookAt(host, service, 'as declared');
}
