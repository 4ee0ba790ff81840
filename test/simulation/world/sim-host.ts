import type { HostReport, InstanceId } from '../../../lambdas/domain/rollout.ts';
import type { Mishap } from '../draw-fleets.ts';
import type { ScaffoldMishap } from '../draw-provision.ts';
import type { Loop } from '../loop.ts';
import type { Random } from '../random.ts';
import { SimScaffold } from './sim-scaffold.ts';

export interface Running {
  readonly version: string;
  readonly digest: string;
}

/** What the document's parameter says. */
export interface Asked extends Running {
  readonly action: 'deploy' | 'observe' | 'restore';
  readonly service: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Hosts are found by the tag of the one service whose releases they run. */
export const tagOf = (service: string) => `shop:${service}=true`;
export const serviceOf = (tag: string) => /:(.*)=/.exec(tag)?.[1] ?? '';

/** The script is gone: the host went down under it. */
export class WentDown extends Error {}

/**
 * One host with one service, and the script that it is sent, step by step in virtual time. It can go down between any two
 * steps; what the script had changed by then stays.
 */
export class SimHost {
  running: Running | undefined;
  /** Versions that passed here, the last one last. */
  goods: Running[];
  /** With which it began. */
  readonly own: Running | undefined;
  readonly mishaps: Set<Mishap>;
  isOn: boolean;
  isGone = false;
  /** What a look found last, and when. */
  seen:
    | { readonly at: number; readonly running: Running | undefined; readonly well: boolean }
    | undefined;
  readonly scaffold: SimScaffold;
  /** Scripts that are changing something here now. */
  working = 0;
  /** More than one worked at once. */
  wasShared = false;
  #lock: object | undefined;
  #life = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    readonly instance: InstanceId,
    readonly tag: string,
    readonly zone: string,
    begin: {
      readonly running?: Running | undefined;
      readonly isOn: boolean;
      readonly mishaps: readonly Mishap[];
      readonly scaffolding?: readonly ScaffoldMishap[] | undefined;
    },
    private readonly loop: Loop,
    private readonly random: Random,
    /** False: the script takes no lock. */
    private readonly locks: () => boolean,
  ) {
    this.running = begin.running;
    this.own = begin.running;
    this.goods = begin.running === undefined ? [] : [begin.running];
    this.isOn = begin.isOn;
    this.mishaps = new Set(begin.mishaps);
    const n = Number.parseInt(instance.slice(-3), 16);
    const isRunning = (service: string) =>
      serviceOf(tag) === service ? this.running !== undefined : this.scaffold.enabled.has(service);
    this.scaffold = new SimScaffold(n, begin.scaffolding ?? [], isRunning);
  }

  now(): number {
    return this.loop.now();
  }

  /** Whatever ran on it is gone, but for what is on its disk. */
  goDown(): void {
    this.isOn = false;
    this.#life += 1;
    this.#lock = undefined;
    this.working = 0;
    this.scaffold.locks.clear();
  }

  /** Goes down at once, under whatever runs there, and is back after a while. @throws WentDown */
  die(): never {
    this.goDown();
    this.loop.spawn(async () => {
      await this.loop.sleep(this.random.below(20) * MINUTE);
      this.comeUp();
    });
    throw new WentDown();
  }

  /** The time that a script takes; its end, where the host goes down. @throws WentDown */
  pace() {
    const life = this.#life;
    const pause = async (milliseconds: number) => {
      await this.loop.sleep(milliseconds);
      if (this.#life !== life) throw new WentDown();
    };
    return { pause, some: (most: number) => pause(this.random.below(most)) };
  }

  comeUp(): void {
    if (this.isGone) return;
    this.isOn = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** No new release is well here from now on. @param relapses it runs what it began with */
  sicken(relapses: boolean): void {
    this.mishaps.add('unhealthy');
    if (!relapses) return;
    this.running = this.own;
    this.goods = this.own === undefined ? [] : [this.own];
  }

  /** Told once it is on; at once, where it is. */
  whenOn(go: () => void): void {
    if (this.isOn) go();
    else this.#waiting.push(go);
  }

  isWell({ version }: Running): boolean {
    return !this.mishaps.has('unhealthy') || this.goods.some((good) => good.version === version);
  }

  /** Runs the script once. @throws WentDown */
  async run(asked: Asked): Promise<HostReport> {
    const life = this.#life;
    const { pause, some } = this.pace();
    if (asked.action === 'observe') {
      await some(3 * SECOND);
      const { running } = this;
      this.seen = {
        at: this.loop.now(),
        running,
        well: running !== undefined && this.isWell(running),
      };
      return this.#report(asked, '');
    }
    if (this.#lock !== undefined && this.locks())
      return { ...this.#report(asked, 'another run holds the lock'), state: 'busy' };
    const lock = {};
    this.#lock = lock;
    this.working += 1;
    if (this.working > 1) this.wasShared = true;
    try {
      return await (asked.action === 'deploy'
        ? this.#deploy(asked, some, pause)
        : this.#restore(asked, some));
    } finally {
      if (this.#life === life) {
        this.working -= 1;
        if (this.#lock === lock) this.#lock = undefined;
      }
    }
  }

  async #deploy(
    asked: Asked,
    some: (most: number) => Promise<void>,
    pause: (milliseconds: number) => Promise<void>,
  ): Promise<HostReport> {
    await some(5 * SECOND);
    if (this.mishaps.has('lies')) return { ...this.#report(asked, ''), state: 'running' };
    if (this.mishaps.delete('slow')) await pause(10 * MINUTE);
    if (this.mishaps.has('silent')) await pause(40 * MINUTE);
    const wanted = { version: asked.version, digest: asked.digest };
    if (this.running?.version === wanted.version) return this.#report(asked, 'nothing was changed');
    await some(15 * SECOND);
    this.running = wanted;
    this.scaffold.pending.delete(asked.service);
    if (this.mishaps.delete('dies')) this.die();
    await some(10 * SECOND);
    if (!this.isWell(wanted)) {
      this.running = this.goods.at(-1);
      await some(10 * SECOND);
      return { ...this.#report(asked, 'the health check failed'), state: 'failed' };
    }
    this.goods = [...this.goods.filter(({ version }) => version !== wanted.version), wanted];
    return this.#report(asked, '');
  }

  /** Where nothing else ever passed, the rejected one stays: better than nothing that runs. */
  async #restore(asked: Asked, some: (most: number) => Promise<void>): Promise<HostReport> {
    await some(5 * SECOND);
    const others = this.goods.filter(({ version }) => version !== asked.version);
    if (others.length === 0)
      return { ...this.#report(asked, 'nothing to go back to'), state: 'failed' };
    this.goods = others;
    if (this.running?.version === asked.version) this.running = others.at(-1);
    await some(10 * SECOND);
    return this.#report(asked, 'went back');
  }

  #report({ action, service, version }: Asked, reason: string): HostReport {
    const { running } = this;
    const good = this.goods.at(-1);
    const well = running !== undefined && this.isWell(running);
    const told = {
      schema: 1,
      service,
      action,
      state:
        running === undefined
          ? 'absent'
          : well && running.version === version
            ? 'running'
            : 'failed',
      ...running,
      ...(good && { good: good.version }),
      health: running === undefined ? 'none' : well ? 'passed' : 'failed',
      reason,
    };
    return told as HostReport;
  }
}
