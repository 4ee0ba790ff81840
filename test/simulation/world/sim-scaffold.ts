import { ed25519 } from '@noble/curves/ed25519.js';
import type { ServiceName } from '../../../lambdas/domain/names.ts';
import { hostPlaces } from '../../../lambdas/provision/host-places.ts';
import type { ProvisionRequest } from '../../../lambdas/provision/provision-request.ts';
import type { Part } from '../../../lambdas/provision/render-parts.ts';
import {
  enable,
  inOrder,
  lookAt,
  putPart,
  removedParts,
  reportOf,
  type Scaffold,
} from '../../fakes/scaffold.ts';
import type { ScaffoldMishap } from '../draw-provision.ts';
import type { Document } from './sim-commands.ts';
import { type SimHost, WentDown } from './sim-host.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The agent ends a script that takes longer (`executionTimeout` of `aws:runShellScript`). */
const ENDED_AFTER = 15 * MINUTE;

/** Each host has a key of its own; making one takes a while, and so many are enough. */
const KEYS = Array.from({ length: 12 }, (_, n) => {
  const point = ed25519.getPublicKey(new Uint8Array(32).fill(n + 1));
  const wire = Buffer.concat([Buffer.from('\0\0\0\vssh-ed25519\0\0\0 ', 'latin1'), point]);
  return `ssh-ed25519 ${wire.toString('base64')}`;
});

/** What a look found last. */
export interface Looked {
  readonly at: number;
  /** Contents, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** What provisioning has put on a host. */
export class SimScaffold implements Scaffold {
  readonly parts = new Map<string, string>();
  readonly records = new Map<string, object>();
  readonly enabled = new Set<string>();
  readonly changes: string[] = [];
  /** Of files, as they are now. */
  readonly texts = new Map<string, string>();
  readonly looked = new Map<string, Looked>();
  /** Services whose process is older than their unit. */
  readonly pending = new Set<string>();
  /** Services that the script has restarted, in order. */
  readonly restarts: string[] = [];
  /** Paths of a service's code that the script had a hand in. */
  readonly touched: string[] = [];
  readonly mishaps: Set<ScaffoldMishap>;
  readonly locks = new Map<string, object>();

  constructor(
    private n: number,
    mishaps: readonly ScaffoldMishap[],
    /** A service's process is there. */
    readonly isRunning: (service: string) => boolean,
  ) {
    this.mishaps = new Set(mishaps);
  }

  get key(): string {
    return KEYS[this.n % KEYS.length] ?? '';
  }

  /** It decrypts with another key from now on. */
  rebuild(): void {
    this.n += 5;
  }

  put(service: ServiceName, part: Part, credential: ProvisionRequest['credential']): void {
    const { folder, unitFile } = hostPlaces(service);
    if (new RegExp(`^${folder}/(current|releases)`).test(part.path)) this.touched.push(part.path);
    const before = this.parts.get(part.path);
    putPart(this, service, part, credential);
    const isOther = before !== this.parts.get(part.path);
    if (part.kind === 'file') this.texts.set(part.path, textOf(part.contentBase64));
    else this.texts.delete(part.path);
    if (part.path === unitFile && isOther && this.isRunning(service)) this.pending.add(service);
  }

  takeAway(path: string): void {
    if (this.parts.delete(path)) this.changes.push(`removed ${path}`);
    this.texts.delete(path);
  }

  report(service: ServiceName, reason: string, state?: string) {
    const seen =
      state === undefined ? lookAt(this, service, reason) : reportOf(this, service, state, reason);
    const active = this.isRunning(service) ? 'active' : 'inactive';
    return {
      ...seen,
      missing: this.mishaps.has('bare') ? ['jq'] : [],
      unit: { ...seen.unit, active },
      restartPending: this.pending.has(service),
    };
  }
}

type Asked = ProvisionRequest;

/** The shipped script, step by step. The host can go down between any two of them, and the script alone can die. */
async function play(host: SimHost, asked: Asked) {
  const { service, action, parts = [], credential, restart = false } = asked;
  const { scaffold } = host;
  const { mishaps } = scaffold;
  const pace = host.pace();
  await pace.some(2 * SECOND);
  if (action === 'observe') {
    if (!(await changesEnd(scaffold, service, pace)))
      return scaffold.report(service, 'another run is at work', 'busy');
    const { unitFile, settings } = hostPlaces(service);
    const own = [...scaffold.texts].filter(
      ([path]) => path === unitFile || path.startsWith(settings),
    );
    scaffold.looked.set(service, { at: host.now(), texts: new Map(own) });
    return scaffold.report(service, 'as seen');
  }
  if (mishaps.delete('busy') || scaffold.locks.has(service))
    return scaffold.report(service, 'another run holds the lock', 'busy');
  const lock = {};
  scaffold.locks.set(service, lock);
  try {
    if (mishaps.has('lies')) return scaffold.report(service, 'as declared', 'present');
    if (mishaps.has('full')) return scaffold.report(service, 'no space is left', 'failed');
    if (mishaps.delete('slow')) await pace.pause(10 * MINUTE);
    if (mishaps.has('silent')) {
      await pace.pause(ENDED_AFTER);
      throw new WentDown();
    }
    if (mishaps.delete('another key')) {
      scaffold.rebuild();
    }
    if (credential !== undefined && credential.hostKey !== scaffold.key)
      return scaffold.report(service, 'this host has another key by now; plan again', 'failed');
    const steps = action === 'remove' ? removalOf(scaffold, service) : [];
    for (const part of action === 'apply' ? inOrder(service, parts) : [])
      steps.push(() => scaffold.put(service, part, credential));
    for (const [n, step] of steps.entries()) {
      await pace.some(SECOND);
      step();
      if (n === steps.length >> 1 && mishaps.delete('killed')) throw new WentDown();
      if (n === steps.length >> 1 && mishaps.delete('dies')) host.die();
    }
    if (action === 'remove') return scaffold.report(service, 'removed');
    enable(scaffold, service);
    if (restart && scaffold.pending.has(service)) {
      await pace.some(5 * SECOND);
      scaffold.pending.delete(service);
      scaffold.restarts.push(service);
    }
    return scaffold.report(service, 'as declared');
  } finally {
    if (scaffold.locks.get(service) === lock) scaffold.locks.delete(service);
  }
}

/** A look waits for whoever changes things there, for a minute at most. */
async function changesEnd(
  { locks }: SimScaffold,
  service: ServiceName,
  pace: ReturnType<SimHost['pace']>,
): Promise<boolean> {
  for (let waited = 0; locks.has(service); waited += 5 * SECOND) {
    if (waited >= MINUTE) return false;
    await pace.pause(5 * SECOND);
  }
  return true;
}

function removalOf(scaffold: SimScaffold, service: ServiceName): (() => void)[] {
  return [
    ...removedParts(service).map((path) => () => scaffold.takeAway(path)),
    () => {
      scaffold.records.delete(service);
      scaffold.enabled.delete(service);
      scaffold.pending.delete(service);
    },
  ];
}

/** What provisioning's document runs. */
export const provisionDocument: Document<Asked> = {
  isGivenUp: ({ scaffold }, { action }) =>
    action !== 'observe' && scaffold.mishaps.delete('timed out'),
  isTwice: ({ scaffold }, { action }) => action !== 'observe' && scaffold.mishaps.delete('twice'),
  run: async (host, asked) => {
    const report = await play(host, asked);
    return { report, isWell: report.state === 'present' || report.state === 'absent' };
  },
};

const textOf = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');
