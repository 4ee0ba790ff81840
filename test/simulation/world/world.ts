import { createHash } from 'node:crypto';
import { TableReleases } from '../../../lambdas/adapters/table-releases.ts';
import type { ConveyorConfig } from '../../../lambdas/domain/config.ts';
import type { ServiceName } from '../../../lambdas/domain/names.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { PromotionRef } from '../../../lambdas/ports/releases.ts';
import { MemoryArgocd } from '../../fakes/memory-argocd.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { MemoryAlarms, MemoryNotices } from '../../fakes/memory-notices.ts';
import type { MemoryObjects } from '../../fakes/memory-objects.ts';
import { MemoryRegistry } from '../../fakes/memory-registry.ts';
import { MemorySealer } from '../../fakes/memory-sealer.ts';
import { MemorySources } from '../../fakes/memory-sources.ts';
import { MemoryTable } from '../../fakes/memory-table.ts';
import { bucketsOf } from '../../promote/buckets.ts';
import {
  accounts,
  beacon,
  dagster,
  relay,
  repository,
  resolver,
  seededLedger,
} from '../../promote/shop.ts';
import { StatesError } from '../asl/errors.ts';
import { Execution } from '../asl/interpreter.ts';
import type { Call, Platform } from '../asl/platform.ts';
import { Tokens } from '../asl/tokens.ts';
import { Loop } from '../loop.ts';
import { type Random, seeded } from '../random.ts';
import { callFunction } from './call-function.ts';
import { coursesOf } from './courses.ts';
import { Coverage } from './coverage.ts';
import type { Fault } from './faults.ts';
import { follow } from './follow.ts';
import { fileOf } from './lambda.ts';
import { MACHINES } from './machines.ts';
import { makeFleets } from './make-fleets.ts';
import type { Policy, Pushed, WorldOptions } from './options.ts';
import { machineClock } from './process.ts';
import { ProvisionSide } from './provision-side.ts';
import { R2Side } from './r2-side.ts';
import { SimExecutions } from './sim-executions.ts';
import type { SimFleet } from './sim-fleet.ts';
import { type Effect, quietWire, type Wire } from './tap.ts';

const START = Date.parse('2026-03-01T12:00:00.000Z');
const LEDGERED = ['payments', 'orders', relay, resolver, dagster, beacon];
/** A change of policy holds everywhere within this time (`lambdas/runtime/config.ts`). */
export const CONFIG_KEPT_MILLISECONDS = 5_000;

/** All of Conveyor and all around it in one thread, in virtual time, from one seed. */
export class World {
  readonly loop: Loop;
  readonly random: Random;
  readonly tokens = new Tokens();
  readonly table = new MemoryTable(true);
  readonly ledger: MemoryLedger;
  readonly argocd: MemoryArgocd;
  readonly notices = new MemoryNotices();
  readonly alarms = new MemoryAlarms();
  readonly sources = new MemorySources();
  readonly sealer = new MemorySealer();
  readonly registries: Readonly<Record<string, MemoryRegistry>>;
  /** Buckets of tarballs, by their names. */
  readonly buckets: Readonly<Record<string, MemoryObjects>>;
  readonly r2 = new R2Side(this);
  /** Hosts, by environment. */
  readonly fleets: Readonly<Record<string, SimFleet>>;
  readonly provisioning = new ProvisionSide(this);
  readonly promotes: SimExecutions;
  readonly sweeps: Execution[] = [];
  /** Newest last. */
  readonly policies: Policy[];
  readonly wire: Wire;
  readonly coverage = new Coverage();
  readonly trace: string[] = [];
  /** Called at every effect; what watches over the invariants. */
  readonly watchers: ((effect: Effect) => void)[] = [];
  /** What was pushed to where releases come from, told of or not. */
  pushed: readonly Pushed[] = [];
  /** Digests of what somebody else put there, by bucket and key with a space between. */
  readonly tainted = new Map<string, string>();
  /** Things go wrong by themselves. */
  isRough = false;
  #processes = 0;

  constructor(readonly options: WorldOptions) {
    const { seed, config, shuffled = true } = options;
    const order = seeded(seed ^ 0x5bd1e995);
    this.random = seeded(seed);
    this.loop = new Loop(START, shuffled ? (n) => order.below(n) : () => 0);
    const clock = machineClock(this.loop, seeded(seed + 1), 0, (ms) => this.loop.sleep(ms));
    this.ledger = new MemoryLedger(clock, seededLedger(LEDGERED));
    this.argocd = new MemoryArgocd(clock);
    this.registries = Object.fromEntries(
      Object.keys(accounts).map((name) => [name, new MemoryRegistry()]),
    );
    this.buckets = bucketsOf(config, () => new Date(this.loop.now()));
    for (const registry of Object.values(this.registries))
      for (const service of Object.keys(config.services))
        registry.createRepository(repository(service));
    for (const [environment, { argocd }] of Object.entries(config.environments))
      for (const service of Object.keys(config.services))
        this.argocd.install(`${service}-${environment}`, argocd.sync, 'seed', `${service}:0`);
    this.fleets = makeFleets(this.loop, this.random, options.fleets);
    this.policies = [{ at: START - 86_400_000, config }];
    this.wire = quietWire(this.random, options.slowness, {
      onEffect: (effect) => this.#onEffect(effect),
      say: (line) => this.say(line),
    });
    this.promotes = new SimExecutions(this.platform('promote'), MACHINES.promote);
  }

  get config(): ConveyorConfig {
    const newest = this.policies.at(-1);
    if (newest === undefined) throw new Error('there is no configuration');
    return newest.config;
  }

  platform(name: string): Platform & { readonly tokens: Tokens } {
    const { loop, random, tokens } = this;
    return {
      loop,
      random,
      tokens,
      invoke: (functionName, payload, call) => this.invoke(fileOf(functionName), payload, call),
      onTransition: (from, to) => this.coverage.add(name, from, to),
      onEvent: (execution, event, state) => this.say(`${execution} ${event} ${state ?? ''}`),
    };
  }

  /** Runs a function once, in a process of its own. @throws StatesError as Step Functions would be told */
  invoke(name: string, payload: unknown, call?: Call): Promise<unknown> {
    this.#processes += 1;
    return callFunction(this, this.#processes, name, payload, call);
  }

  /** As EventBridge and Scheduler do: once more after one minute and after two; then it lies in the dead letters. */
  async deliver(name: string, payload: unknown): Promise<void> {
    for (const pause of [60_000, 120_000, undefined])
      try {
        await this.invoke(name, payload);
        return;
      } catch (error) {
        if (!(error instanceof StatesError)) throw error;
        this.say(`${name} failed: ${error.name}`);
        if (pause !== undefined) await this.loop.sleep(pause);
      }
  }

  /** As the first sweep after a deployment does: from here on, what nobody tells of was missed. */
  async watchSources(): Promise<void> {
    const releases = new TableReleases(this.table);
    const at = new Date(this.loop.now()).toISOString();
    for (const service of Object.keys(this.config.services))
      await releases.watchedSince(service as ServiceName, at);
  }

  sweep(): Execution {
    const platform = this.platform('sweep');
    const name = `sweep-${this.sweeps.length}`;
    const execution = new Execution(platform, MACHINES.sweep, name, {});
    this.sweeps.push(execution);
    return execution;
  }

  /** Every promotion there is, as recorded at this moment, oldest first. */
  records(): Promotion[] {
    return this.table.contents
      .filter(({ pk, sk }) => pk.startsWith('S#') && sk.includes('#P#'))
      .map(({ value }) => value as Promotion)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  record(id: string): Promotion | undefined {
    const ref = this.table.peek<PromotionRef>({ pk: `P#${id}`, sk: 'P' })?.value;
    if (ref === undefined) return undefined;
    const sk = `E#${ref.environment}#P#${id}`;
    return this.table.peek<Promotion>({ pk: `S#${ref.service}`, sk })?.value;
  }

  setPolicy(config: ConveyorConfig): void {
    this.policies.push({ at: this.loop.now(), config });
  }

  /** From now on these go wrong, counted from here. */
  trouble(faults: readonly Fault[]): void {
    const { wire } = this;
    this.isRough = true;
    wire.calls = 0;
    wire.counts.clear();
    for (const fault of faults) wire.faults.set(fault.call, fault);
  }

  /** From now on nothing goes wrong by itself. */
  calm(): void {
    this.isRough = false;
    this.r2.workerSkew = 0;
    for (const { hosts } of Object.values(this.fleets))
      for (const host of hosts) {
        host.mishaps.clear();
        host.scaffold.mishaps.clear();
        host.comeUp();
      }
    this.wire.faults.clear();
    this.wire.outages.clear();
  }

  say(line: string): void {
    this.trace.push(`${this.loop.now() - START} ${line}`);
  }

  /** The same for the same seed, byte for byte. */
  get fingerprint(): string {
    return createHash('sha256').update(this.trace.join('\n')).digest('hex');
  }

  get startedAt(): number {
    return START;
  }

  /** A warm function may have read the configuration up to five seconds ago. */
  configSeen(): ConveyorConfig {
    const asOf = this.loop.now() - this.random.below(CONFIG_KEPT_MILLISECONDS);
    const seen = this.policies.findLast(({ at }) => at <= asOf) ?? this.policies[0];
    return (seen as Policy).config;
  }

  #onEffect(effect: Effect): void {
    const { process, port, method } = effect;
    if (port !== 'table' || method === 'write')
      this.say(`${process.name}#${process.id} ${port}.${method}`);
    for (const course of coursesOf(effect)) this.coverage.note(course);
    follow(this, effect);
    for (const watch of this.watchers) watch(effect);
  }
}
