import { Version } from '../../../lambdas/domain/names.ts';
import type { Push } from '../../../lambdas/intake/read-push.ts';
import { pushGraph } from '../../copy/image-graph.ts';
import {
  accounts,
  type Changes,
  isInManifest,
  isTarball,
  repository,
  shop,
} from '../../promote/shop.ts';
import type { Act } from '../acts.ts';
import { StatesError } from '../asl/errors.ts';
import { befall } from './befall.ts';
import type { Pushed } from './options.ts';
import { Provisioners } from './provisioners.ts';
import type { Effect } from './tap.ts';
import { Uploaders } from './uploaders.ts';
import { shaOf } from './uploads.ts';
import type { World } from './world.ts';

type Of<Kind extends Act['do']> = Extract<Act, { do: Kind }>;

const MINUTE = 60_000;
const PAGES = /https:\/\/pages\.example\/a\/([\w-]+)/;
/** What a person or a command line tries again. */
const WORTH_ANOTHER_TRY = /^(Unavailable|LedgerUnavailable|Runtime|Sandbox|Lambda)/;

/** Everybody around Conveyor: CI, the people, and who else has a hand in tags, buckets, Ledger, policy and executions. */
export class Actors {
  /** What was pushed to where releases come from, event or not. */
  readonly pushed: Pushed[] = [];
  #changes: Changes;
  readonly #services: readonly string[] | undefined;
  readonly #uploaders: Uploaders;
  readonly #provisioners: Provisioners;
  #asked = 0;

  constructor(
    private readonly world: World,
    changes: Changes,
    {
      readMail = true,
      services,
    }: { readonly readMail?: boolean; readonly services?: readonly string[] } = {},
  ) {
    this.#changes = changes;
    this.#services = services;
    this.#uploaders = new Uploaders(world);
    this.#provisioners = new Provisioners(world);
    if (readMail) world.watchers.push((effect) => this.#readMail(effect));
  }

  async act(act: Act): Promise<void> {
    this.world.say(JSON.stringify(act));
    switch (act.do) {
      case 'push':
        return this.#push(act);
      case 'odd push':
        return this.#pushOddly(act);
      case 'ask':
        return this.#ask(act);
      case 'edit':
        return this.#edit(act);
      case 'policy':
        return this.#setPolicy(act);
      case 'vote':
        return this.#vote(act);
      case 'taint':
        return this.#taint(act);
      case 'stop':
        return this.#stop(act);
      case 'wake': {
        const token = this.#some(this.world.tokens.all, act);
        return token === undefined ? undefined : this.world.promotes.wake(token);
      }
      case 'sweep':
        this.world.sweep();
        return;
      case 'host':
        return befall(this.world, act);
      case 'cut':
        await this.world.loop.sleep(act.after);
        this.world.wire.outages.set(act.port, this.world.loop.now() + act.minutes * MINUTE);
        return;
      case 'declare':
      case 'credential':
      case 'provision':
      case 'abandon':
        return this.#provisioners.act(act);
      default:
        return this.#uploaders.act(act);
    }
  }

  async #push(act: Of<'push'>): Promise<void> {
    const { service, event } = act;
    if (isTarball(service)) {
      this.pushed.push(this.#uploaders.push(act));
      return;
    }
    const { name, payload } = await this.#build(act);
    if (event === 'never') return;
    const { random, loop } = this.world;
    const announce = async () => {
      await loop.sleep(event === 'late' ? random.below(180) * MINUTE : random.below(3_000));
      await this.world.deliver(name, payload);
    };
    loop.spawn(announce);
    if (event === 'twice') loop.spawn(announce);
  }

  /** An image into the registry. */
  async #build({ service, version }: Of<'push'>) {
    const more = Array.from(
      { length: (this.world.options.layers ?? 2) - 1 },
      (_, n) => `base ${n}`,
    );
    const graph = { config: '{}', layers: [`${service} ${version}`, ...more] };
    const { digest } = await this.#publish('dev', service, version, graph);
    this.pushed.push({ service, version, digest });
    return { name: 'image-pushed', payload: this.#told(service, version, digest) };
  }

  /** Only the event; what a registry that lets tags move would say. */
  async #pushOddly({ service, tag }: Of<'odd push'>): Promise<void> {
    const graph = { config: '{"odd":true}', layers: [`${service} ${tag} anew`] };
    const { digest } = await this.#publish('dev', service, `odd-${tag}`, graph);
    await this.world.deliver('image-pushed', this.#told(service, tag, digest, false));
  }

  async #ask({ service, environment, by, kind, version, times }: Of<'ask'>): Promise<void> {
    this.#asked += 1;
    const requestId = `request-number-${this.#asked}`;
    const wanted = version && { version: isTarball(service) ? shaOf(version) : version };
    const request = { service, environment, kind, requestId, ...wanted };
    const once = () => this.#insist('api.promote', { by, request });
    await Promise.all(Array.from({ length: times }, once));
  }

  async #vote({ by, which, decision }: Of<'vote'>): Promise<void> {
    const waiting = this.world.records().filter(({ state }) => state === 'awaiting approval');
    const promotion = this.#some(waiting, { which })?.id;
    if (promotion !== undefined)
      await this.#insist('api.decide', { promotion, person: by, decision, note: 'so there' });
  }

  /** By hand; and some time later somebody may think better of it, and redrive it. */
  async #stop(act: Of<'stop'>): Promise<void> {
    const { promotes, loop, random } = this.world;
    const execution = this.#some(promotes.all, act);
    if (execution === undefined) return;
    execution.stop('Stopped', 'by hand');
    if (!act.redrive) return;
    await loop.sleep(random.below(40) * MINUTE);
    promotes.redrive(execution.name);
  }

  /** An approver reads their mail sooner or later, and does one thing or another about it. */
  #readMail({ port, method, args }: Effect): void {
    if (port !== 'notices' || method !== 'approver') return;
    const { random, loop } = this.world;
    const [person, , message] = args as [string, string, { text: string }];
    const token = PAGES.exec(message.text)?.[1];
    if (token === undefined || random.chance(0.15)) return;
    const decision = random.chance(0.88) ? 'approve' : 'reject';
    const patience = random.of([1, 10, 90, 1_500]) * MINUTE;
    const promotion = /p_[0-9A-Z]{26}/.exec(message.text)?.[0];
    const byPage = promotion === undefined || random.chance(0.5);
    const answer = () =>
      byPage
        ? this.#insist('decision-page', { token, decision })
        : this.#insist('api.decide', { promotion, person, decision, note: 'by hand' });
    loop.spawn(async () => {
      await loop.sleep(random.below(patience));
      await answer();
      if (random.chance(0.2)) await answer();
    });
  }

  async #edit({ environment, service, what }: Of<'edit'>): Promise<void> {
    // Nobody has a hand in the manifest that many services share.
    if (isInManifest(service)) return;
    const path = `envs/${environment}/${service}.yaml`;
    const text = this.world.ledger.text(path) ?? '';
    const edited =
      what === 'tag'
        ? text.replace(/tag: .*?( #|$)/m, 'tag: "0"$1')
        : text.replace(/replicas: (\d+)/, (_, n) => `replicas: ${Number(n) + 1}`);
    this.world.ledger.push({ [path]: edited }, `by hand: ${what} of ${service}`);
  }

  async #setPolicy({ environment, change }: Of<'policy'>): Promise<void> {
    this.#changes = {
      ...this.#changes,
      [environment]: { ...this.#changes[environment], ...change },
    };
    this.world.setPolicy(shop(this.#changes, this.#services));
  }

  /** Other bytes under a version's tag, before Conveyor comes there. */
  async #taint(act: Of<'taint'>): Promise<void> {
    const { environment, service, version } = act;
    if (isTarball(service)) return this.#uploaders.taint(act);
    const graph = { config: '{}', layers: ['something else'] };
    await this.#publish(environment, service, version, graph).catch(() => {});
  }

  #publish(environment: string, service: string, tag: string, graph: object) {
    const registry = this.world.registries[environment];
    if (registry === undefined) throw new Error(`there is no registry in ${environment}`);
    return pushGraph(registry, repository(service), graph as never, Version.parse(tag));
  }

  #told(service: string, tag: string, digest: Push['digest'], kept = true): Push {
    const at = new Date(this.world.loop.now()).toISOString();
    const place = { account: accounts.dev as never, repository: repository(service) };
    if (kept) this.world.sources.put(place, { tag, digest, pushedAt: at });
    return { ...place, region: 'us-east-1', digest, tag, at, announcedBy: 'event' };
  }

  /** As a person does, or the command line: again where nothing was answered, and no more once it was refused. */
  async #insist(name: string, payload: unknown): Promise<void> {
    for (let left = 2; left >= 0; left--)
      try {
        await this.world.invoke(name, payload);
        return;
      } catch (error) {
        if (!(error instanceof StatesError)) throw error;
        this.world.say(`${name}: ${error.name}`);
        if (!WORTH_ANOTHER_TRY.test(error.name)) return;
        await this.world.loop.sleep(1_000);
      }
  }

  #some<T>(all: readonly T[], { which }: { readonly which: number }): T | undefined {
    return all.length === 0 ? undefined : all[which % all.length];
  }
}
