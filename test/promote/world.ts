import { TableLines } from '../../lambdas/adapters/table-lines.ts';
import { TablePromotions } from '../../lambdas/adapters/table-promotions.ts';
import { castVote } from '../../lambdas/approval/cast-vote.ts';
import { expireApproval } from '../../lambdas/approval/expire-approval.ts';
import { askPromotion } from '../../lambdas/board/ask-promotion.ts';
import { PromoteRequest } from '../../lambdas/board/contract.ts';
import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import {
  type EnvironmentName,
  PersonName,
  type PromotionId,
  type ServiceName,
} from '../../lambdas/domain/names.ts';
import type { Promotion } from '../../lambdas/domain/promotion.ts';
import type { Push } from '../../lambdas/intake/read-push.ts';
import type { Upload } from '../../lambdas/intake/read-upload.ts';
import { type TakenIn, takeIn } from '../../lambdas/intake/take-in.ts';
import { takeInUpload } from '../../lambdas/intake/take-in-upload.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryArgocd } from '../fakes/memory-argocd.ts';
import { MemoryExecutions } from '../fakes/memory-executions.ts';
import { MemoryFleet } from '../fakes/memory-fleet.ts';
import { MemoryLedger } from '../fakes/memory-ledger.ts';
import { MemoryAlarms, MemoryNotices } from '../fakes/memory-notices.ts';
import type { MemoryObjects } from '../fakes/memory-objects.ts';
import { MemoryRegistry } from '../fakes/memory-registry.ts';
import { MemorySealer } from '../fakes/memory-sealer.ts';
import { MemorySources } from '../fakes/memory-sources.ts';
import { MemoryTable } from '../fakes/memory-table.ts';
import { type Tap, tapped } from '../fakes/tapped.ts';
import { readDefinition } from '../simulation/asl/definition.ts';
import { bindPorts, type Ports } from '../simulation/world/ports.ts';
import { bucketsOf } from './buckets.ts';
import { buildImage, storeTarball } from './build-artifacts.ts';
import { bindFunctions, installApplications } from './functions.ts';
import { Run } from './run-promotion.ts';
import {
  accounts,
  type Changes,
  principalOf,
  repository,
  seededLedger,
  shop,
  type Tarballs,
} from './shop.ts';
import { tryAgain } from './try-again.ts';

const definition = readDefinition('promote');

export interface WorldOptions {
  /** What `conveyor.yaml` says otherwise. */
  readonly changes?: Changes;
  /** @default payments and orders, both images */
  readonly services?: readonly string[];
  /** How the services land. @default by Argo CD */
  readonly target?: object;
  /** Which release store CI pushes tarballs to. @default S3 */
  readonly tarballs?: Tarballs;
  /** Hears every call of every port that a function makes. */
  readonly tap?: Tap;
  /** Which of `n` executions goes on next. @default the oldest */
  readonly pick?: (n: number) => number;
}

/** All of Conveyor in one process: the real machine, the real rooms, and in memory everything outside. */
export class World {
  readonly clock = new FixedClock('2026-03-01T12:00:00.250Z');
  readonly table = new MemoryTable();
  readonly ledger = new MemoryLedger(this.clock, seededLedger());
  readonly argocd = new MemoryArgocd(this.clock);
  /** Hosts, by environment. */
  readonly fleets: Readonly<Record<string, MemoryFleet>> = Object.fromEntries(
    Object.keys(accounts).map((name) => [name, new MemoryFleet(this.clock)]),
  );
  readonly notices = new MemoryNotices();
  readonly alarms = new MemoryAlarms();
  readonly sources = new MemorySources();
  readonly registries: Readonly<Record<string, MemoryRegistry>>;
  readonly executions: MemoryExecutions<Run>;
  /** By name: the release store's and the environments'. */
  readonly buckets: Readonly<Record<string, MemoryObjects>>;
  readonly ports: Ports;
  config: ConveyorConfig;
  /** Errors that a function throws instead of doing its work, by its name; one is used up a call. */
  readonly failures = new Map<string, Error[]>();
  /** The same, but after the work is done: only the answer is lost. */
  readonly lostAnswers = new Map<string, Error[]>();
  #asked = 0;

  constructor(private readonly options: WorldOptions = {}) {
    this.config = shop(options.changes, options.services, options.target, options.tarballs);
    const tap = <T extends object>(name: string, port: T) => tapped(name, port, options.tap ?? {});
    this.registries = Object.fromEntries(
      Object.keys(accounts).map((name) => [name, new MemoryRegistry()]),
    );
    this.buckets = bucketsOf(this.config, () => this.clock.now());
    for (const registry of Object.values(this.registries))
      for (const service of Object.keys(this.config.services))
        registry.createRepository(repository(service));
    const registries = Object.fromEntries(
      Object.entries(this.registries).map(([name, registry]) => [name, tap(name, registry)]),
    );
    installApplications(this);
    this.executions = new MemoryExecutions<Run>(
      (input) => new Run(input.promotion, definition, this.#invoke, this.clock, input),
    );
    const outside = {
      table: tap('table', this.table),
      ledger: tap('ledger', this.ledger),
      executions: tap('executions', this.executions),
      sealer: tap('sealer', new MemorySealer()),
      notices: tap('notices', this.notices),
      alarms: tap('alarms', this.alarms),
      argocd: tap('argocd', this.argocd),
      sources: this.sources,
      fleet: (name: string) => tap('fleet', this.fleets[name] ?? new MemoryFleet(this.clock)),
      registries,
      stores: Object.fromEntries(
        Object.entries(this.buckets).map(([name, bucket]) => [name, tap(name, bucket)]),
      ),
    };
    this.ports = bindPorts(outside, this.clock);
    this.#invoke = bindFunctions(this);
  }

  readonly #invoke;

  /** CI builds a version and pushes it; returns the push as an event would tell of it. */
  build(service: ServiceName, version: string, text = version): Promise<Push> {
    return buildImage(this, service, version, text);
  }

  announce(push: Push): Promise<TakenIn> {
    return tryAgain(() => takeIn(this.ports, this.config, push));
  }

  /** CI pushes a tarball to the release store; returns the upload as an event would tell of it. */
  store(service: ServiceName, sha: string, content: string | Buffer = sha): Upload {
    return storeTarball(this, service, sha, content);
  }

  announceUpload(upload: Upload): Promise<TakenIn> {
    return tryAgain(() => takeInUpload(this.ports, this.config, upload));
  }

  /** Builds, announces, and lets everything that follows happen. */
  async push(service: ServiceName, version: string): Promise<void> {
    await this.announce(await this.build(service, version));
    await this.settle();
  }

  async ask(
    service: ServiceName,
    environment: EnvironmentName,
    request: {
      by?: string;
      version?: string;
      kind?: 'rollback';
      approval?: boolean;
      requestId?: string;
    } = {},
  ): Promise<PromotionId> {
    const { by = 'raj', ...rest } = request;
    this.#asked += 1;
    const requestId = `request-number-${this.#asked}`;
    const caller = {
      principal: principalOf(by),
      account: '111111111111',
      person: PersonName.parse(by),
    };
    const asked = PromoteRequest.parse({ service, environment, requestId, ...rest });
    const { id } = await tryAgain(() => askPromotion(this.ports, this.config, caller, asked));
    return id;
  }

  async promote(...asked: Parameters<World['ask']>): Promise<PromotionId> {
    const id = await this.ask(...asked);
    await this.settle();
    return id;
  }

  async vote(
    id: PromotionId,
    person: PersonName,
    decision: 'approve' | 'reject',
    note?: string,
  ): Promise<void> {
    const cast = { person, decision, via: 'cli', ...(note !== undefined && { note }) } as const;
    try {
      await tryAgain(async () => castVote(this.ports, this.config, await this.promotion(id), cast));
    } finally {
      await this.settle();
    }
  }

  /** Goes on until every execution waits for somebody, or has ended. */
  async settle(): Promise<void> {
    for (;;) {
      const runs = [...this.executions.all.values()];
      const ready = runs.filter((run) => run.isReady());
      const next = ready[(this.options.pick ?? (() => 0))(ready.length)];
      if (next !== undefined) {
        await next.step();
        continue;
      }
      const wakes = runs.flatMap((run) => run.until ?? []);
      if (wakes.length === 0) return;
      this.clock.advance(Math.min(...wakes) - this.clock.now().getTime());
    }
  }

  /** Time goes by; alarms ring. */
  async pass(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    for (const { promotion, round } of this.alarms.ring(this.clock.now()))
      await expireApproval(this.ports, promotion as PromotionId, round);
    await this.settle();
  }

  promotion(id: PromotionId): Promise<Promotion> {
    return new TablePromotions(this.table).find(id);
  }

  line(service: ServiceName, environment: EnvironmentName) {
    return new TableLines(this.table).read(service, environment);
  }

  /** Newest first. */
  history(service: ServiceName, environment: EnvironmentName): Promise<readonly Promotion[]> {
    return new TablePromotions(this.table).history(service, environment, 1_000);
  }

  run(id: PromotionId): Run {
    const run = this.executions.all.get(id);
    if (run === undefined) throw new Error(`${id} was not started`);
    return run;
  }

  /** What the commits of an environment set, oldest first. */
  committed(environment: EnvironmentName): string[] {
    const subjects = this.ledger.log().map(({ message }) => message.split('\n')[0] ?? '');
    return subjects.filter((subject) => subject.startsWith(`promote(${environment})`)).reverse();
  }
}
