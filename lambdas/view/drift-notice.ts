import type { HostSighting } from '../domain/host-sighting.ts';
import type { Landed } from '../domain/promotion.ts';
import { NEXT } from './next.ts';
import type { Notice } from './outcome.ts';
import { plain, shortened, slackText, subjectLine, unlinked } from './plain.ts';
import { momentWords } from './time-words.ts';
import { countWords, versionWords } from './words.ts';

export interface DriftTold {
  readonly service: string;
  readonly environment: string;
  /** What the environment holds. */
  readonly landed: Landed;
  /** Hosts of the service there. */
  readonly all: number;
  readonly told: readonly { readonly host: HostSighting; readonly why: string }[];
  /** Where docs/ is published, for the runbook's link. @default the heading is named without a link */
  readonly docs?: URL;
}

const MOST_NAMED = 10;
const ANCHOR = 'hosts-drift';

/** Hosts that do not run what is promoted there, and that Conveyor lets be: which, since when, and why. */
export function renderDrift({ service, environment, landed, all, told, docs }: DriftTold): Notice {
  const version = versionWords(landed.version);
  const count = countWords(told.length, `of ${all} hosts does`, `of ${all} hosts do`);
  const named = told.slice(0, MOST_NAMED).map(({ host, why }) => {
    const what = host.version === undefined ? 'runs nothing' : `runs ${versionWords(host.version)}`;
    const who = host.name === undefined ? host.instance : `${host.instance} (${plain(host.name)})`;
    return `${who} ${what} since ${momentWords(host.since)}: ${plain(host.reason ? `${why}; ${host.reason}` : why)}`;
  });
  const more = told.length > MOST_NAMED ? [`and ${told.length - MOST_NAMED} more`] : [];
  const runbook = docs && new URL(`runbook.md#${ANCHOR}`, docs.href.replace(/\/*$/, '/')).href;
  const lines = [
    ...named,
    ...more,
    '',
    `runbook      ${runbook ?? `docs/runbook.md#${ANCHOR}`}`,
    `next         ${NEXT.why(service, environment)}`,
  ];
  const title = `${count} not run ${version}`;
  return {
    subject: subjectLine(
      `[${environment}] Drift: ${shortened(service, 24)} ${told.length} of ${all} hosts`,
    ),
    text: `${service} ${environment}: ${title}\n\n${lines.map((line) => (line.startsWith('runbook') ? line : unlinked(line))).join('\n')}\n`,
    slack: {
      text: [
        `*${slackText(`${environment}: ${service}: ${title}`)}*`,
        ...lines.filter((line) => line !== '').map(slackText),
      ].join('\n'),
    },
  };
}
