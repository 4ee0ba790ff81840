import { keys } from '../../lambdas/adapters/table-keys.ts';
import { decisionApp } from '../../lambdas/approval/decision-app.ts';
import { Digest, digestOf } from '../../lambdas/domain/digest.ts';
import type { EnvironmentName, PromotionId, ServiceName } from '../../lambdas/domain/names.ts';
import { takeIn } from '../../lambdas/intake/take-in.ts';
import type { Change } from '../../lambdas/ports/table.ts';
import { mendLine } from '../../lambdas/sweep/mend-line.ts';
import { dev, payments, prod, qa, relay } from '../../test/promote/shop.ts';
import { World } from '../../test/promote/world.ts';
import { readDefinition } from '../../test/simulation/asl/definition.ts';

/** What AWS bills of one piece of work, and what GitHub counts. */
export interface Counts {
  transitions: number;
  /** By function. */
  lambda: Record<string, number>;
  /** Each reading is below 4 KB, so one unit. */
  reads: number;
  /** Two for each KB of each item, as all writes are transactions. */
  writeUnits: number;
  kms: number;
  mails: number;
  schedules: number;
  eventsAcrossAccounts: number;
  github: number;
}

const { States } = readDefinition('promote');
/** Of a two-platform image: its two manifests by digest, then the index under its tag. */
const UNTAGGED_PUSHES = 2;

/** Runs one release through three stages, on the real machine and the real rooms in memory, and counts. */
export class Counter {
  #counts = nothing();
  readonly #service: ServiceName;
  readonly #world: World;

  constructor(private readonly kind: 'image' | 'tarball') {
    this.#service = kind === 'image' ? payments : relay;
    const tap = { before: (call: string) => this.#hear(call) };
    this.#world = new World({ services: [this.#service], tap });
    this.#world.table.beforeWrite = (changes) => {
      this.#counts.writeUnits += changes.reduce((sum, change) => sum + unitsOf(change), 0);
    };
  }

  /** A push that dev takes by itself. */
  async push(version: string): Promise<Counts> {
    return this.#counting(async () => {
      const world = this.#world;
      if (this.kind === 'tarball') {
        await world.announceUpload(world.store(relay, version));
        await world.settle();
        this.#add('object-uploaded', 1);
        return this.#addMachine(dev);
      }
      const push = await world.build(payments, version);
      for (let n = 0; n < UNTAGGED_PUSHES; n++) {
        const { tag: _, ...untagged } = push;
        await takeIn(world.ports, world.config, {
          ...untagged,
          digest: Digest.parse(digestOf(`${version} ${n}`)),
        });
      }
      await world.announce(push);
      await world.settle();
      this.#counts.eventsAcrossAccounts = UNTAGGED_PUSHES + 1;
      this.#add('image-pushed', UNTAGGED_PUSHES + 1);
      await this.#addMachine(dev);
    });
  }

  /** A promotion that somebody asks for by `conveyor promote`. */
  async promote(): Promise<Counts> {
    return this.#counting(async () => {
      await this.#asked(qa);
      await this.#addMachine(qa);
    });
  }

  /** The same with one approval, given on the page. */
  async promoteApproved(): Promise<Counts> {
    return this.#counting(async () => {
      await this.#asked(prod);
      await this.#approveOnPage();
      await this.#addMachine(prod);
    });
  }

  /** The sweep's look at one line in which nothing is going on. */
  async sweepLine(): Promise<Counts> {
    const { ports, config } = this.#world;
    return this.#counting(async () => {
      await mendLine(ports, config, this.#service, dev);
    });
  }

  async #asked(environment: EnvironmentName): Promise<void> {
    // The proof of identity is claimed once a request (lambdas/board/api.lambda.ts).
    await this.#world.table.write([
      { ...keys.once(environment), expected: 'absent', value: {}, ttl: 0 },
    ]);
    await this.#world.promote(this.#service, environment);
    this.#add('api', 1);
  }

  async #approveOnPage(): Promise<void> {
    const { ports, notices, config } = this.#world;
    const app = decisionApp({ ...ports, config: async () => config, report: () => {} });
    const text = notices.to('li').at(-1)?.message.text ?? '';
    const path = new URL(/https:\S+/.exec(text)?.[0] ?? '').pathname;
    const page = await (await app.request(path)).text();
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const body = new URLSearchParams({ csrf, decision: 'approve' });
    await app.request(path, { method: 'POST', body });
    this.#add('decision-page', 2);
    await this.#world.settle();
  }

  async #addMachine(environment: EnvironmentName): Promise<void> {
    const { executions } = this.#world;
    const [last] = (await this.#world.history(this.#service, environment)).map(({ id }) => id);
    const history = executions.all.get(last as PromotionId)?.history ?? [];
    this.#counts.transitions = history.length;
    for (const name of history) {
      const state = States[name];
      if (state?.Type === 'Task') this.#add(functionOf(state.Arguments.FunctionName), 1);
    }
  }

  async #counting(work: () => Promise<void>): Promise<Counts> {
    this.#counts = nothing();
    await work();
    return this.#counts;
  }

  #add(name: string, count: number): void {
    this.#counts.lambda[name] = (this.#counts.lambda[name] ?? 0) + count;
  }

  #hear(call: string): void {
    if (call === 'table.get' || call === 'table.query') this.#counts.reads += 1;
    if (call.startsWith('sealer.')) this.#counts.kms += 1;
    if (call.startsWith('notices.')) this.#counts.mails += 1;
    if (call === 'alarms.expireAt') this.#counts.schedules += 1;
    if (call.startsWith('ledger.')) this.#counts.github += 1;
  }
}

const nothing = (): Counts => ({
  transitions: 0,
  lambda: {},
  reads: 0,
  writeUnits: 0,
  kms: 0,
  mails: 0,
  schedules: 0,
  eventsAcrossAccounts: 0,
  github: 0,
});

function unitsOf({ pk, sk, value }: Change): number {
  // A deletion costs by what was there; locks and waiters are below 1 KB.
  const bytes = value === undefined ? 0 : JSON.stringify([pk, sk, value]).length;
  return 2 * Math.max(1, Math.ceil(bytes / 1_024));
}

/** `${TakeTurnArn}` → `take-turn`. */
function functionOf(placeholder: string): string {
  return placeholder
    .replace(/^\$\{(\w+)Arn\}$/, '$1')
    .replace(/(?<!^)([A-Z])/g, '-$1')
    .toLowerCase();
}
