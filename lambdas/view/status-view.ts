import type { Cell, StatusReply } from '../board/contract.ts';
import type { Promotion } from '../domain/promotion.ts';
import { NEXT } from './next.ts';
import { plain } from './plain.ts';
import { shortAge } from './time-words.ts';
import { shortId, stateLook, type Tone, versionWords } from './words.ts';

export interface CellView {
  readonly environment: string;
  /** What landed there last; what was seen to run is compared in `note`. */
  readonly version: string | undefined;
  readonly age: string | undefined;
  /** The environment to the left holds the same digest. */
  readonly sameAs: string | undefined;
  /** What is going on, or what is wrong; at most one thing, the most urgent. */
  readonly note: string | undefined;
  readonly tone: Tone;
}

export interface StatusView {
  readonly environments: readonly string[];
  readonly rows: readonly { readonly service: string; readonly cells: readonly CellView[] }[];
  /** What needs the reader, as commands, most urgent first. */
  readonly needs: readonly string[];
}

/** The answer to "what runs where, what moves, and what needs me". */
export function statusView(reply: StatusReply, now: Date): StatusView {
  const { environments } = reply;
  const rows = reply.services.map(({ service, cells }) => ({
    service,
    cells: environments.map((environment, i) => {
      const cell = cells.find((one) => one.environment === environment);
      if (cell === undefined) return absent(environment);
      const left = environments
        .slice(0, i)
        .reverse()
        .find((name) => cells.some((one) => one.environment === name));
      return cellView(
        cell,
        cells.find((one) => one.environment === left),
        now,
      );
    }),
  }));
  const yours = reply.yours.map((promotion) => NEXT.approve(shortId(promotion)));
  const wrong = rows.flatMap(({ service, cells }) =>
    cells
      .filter(({ tone }) => tone === 'bad')
      .map(({ environment }) => NEXT.why(service, environment)),
  );
  return { environments, rows, needs: [...yours, ...wrong] };
}

const absent = (environment: string): CellView => ({
  environment,
  version: undefined,
  age: undefined,
  sameAs: undefined,
  note: undefined,
  tone: 'still',
});

function cellView(cell: Cell, left: Cell | undefined, now: Date): CellView {
  const { landed, environment } = cell;
  const same = landed !== undefined && left?.landed?.digest === landed.digest;
  return {
    environment,
    version: landed && versionWords(landed.version),
    age: landed === undefined ? undefined : shortAge(landed.since, now),
    sameAs: same ? left.environment : undefined,
    ...noteOf(cell),
  };
}

/** One fact per cell: what runs now, then what was observed to be wrong, then what failed, then what could come. */
function noteOf({ running, queued, observed, hosts, landed, lastFailure, available }: Cell): {
  note: string | undefined;
  tone: Tone;
} {
  if (running !== undefined) return moving(running, queued.length);
  const drift =
    landed === undefined || observed === undefined ? undefined : driftOf(observed, landed);
  if (drift !== undefined) return { note: drift, tone: 'bad' };
  if (hosts !== undefined && hosts.others.length > 0)
    return { note: `on ${hosts.current}/${hosts.all} hosts`, tone: 'bad' };
  if (lastFailure !== undefined)
    return {
      note: `${versionWords(lastFailure.version)} ${lastFailure.state}`,
      tone: stateLook(lastFailure.state).tone,
    };
  if (available !== undefined)
    return { note: `next ${versionWords(available.version)}`, tone: 'good' };
  if (hosts !== undefined)
    return {
      note:
        hosts.off === 0
          ? `${hosts.current}/${hosts.all}`
          : `${hosts.current}/${hosts.all}, ${hosts.off} off`,
      tone: 'good',
    };
  return { note: undefined, tone: landed === undefined ? 'still' : 'good' };
}

function moving({ version, state }: Promotion, queued: number): { note: string; tone: Tone } {
  const more = queued === 0 ? '' : ` +${queued} queued`;
  const word = state === 'awaiting approval' ? 'waits: approval' : state;
  return { note: `-> ${versionWords(version)} ${word}${more}`, tone: stateLook(state).tone };
}

/** Argo CD's own words where it is not well; `drift` where it is, but on something else. */
function driftOf(
  observed: NonNullable<Cell['observed']>,
  landed: NonNullable<Cell['landed']>,
): string | undefined {
  if (observed.sync === 'OutOfSync') return 'awaits sync';
  if (!['Healthy', 'Progressing', 'Unknown'].includes(observed.health))
    return plain(observed.health);
  const runs = observed.images.some(
    (image) => image.endsWith(`@${landed.digest}`) || image.endsWith(`:${landed.version}`),
  );
  return runs || observed.images.length === 0 ? undefined : 'drift';
}
