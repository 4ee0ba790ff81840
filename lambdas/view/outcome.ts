import type { ConveyorConfig } from '../domain/config.ts';
import { executionUrl } from '../domain/partition.ts';
import type { Promotion } from '../domain/promotion.ts';
import { NEXT } from './next.ts';
import { shortened, slackText, subjectLine, unlinked } from './plain.ts';
import { resultLine, standing } from './progress-lines.ts';
import { type Occasion, runbookAnchor } from './runbook.ts';
import { actorWords, listWords, personWords } from './words.ts';

export interface Outcome {
  readonly promotion: Promotion;
  readonly occasion: Occasion;
  readonly config?: ConveyorConfig;
  /** Where docs/ is published, for the runbook's link. @default the heading is named without a link */
  readonly docs?: URL;
}

export interface Notice {
  readonly subject: string;
  readonly text: string;
  /** Body of an incoming webhook (Slack: `text` is mrkdwn). */
  readonly slack: { readonly text: string };
}

interface Part {
  readonly label: string;
  readonly words: string;
  readonly url?: string;
}

/** One notice for everybody who hears of an outcome: what happened, what stands now, what to do, where to look. */
export function renderOutcome(outcome: Outcome): Notice {
  const { service, version, environment } = outcome.promotion;
  const title = titleOf(outcome);
  const parts = partsOf(outcome);
  const subject = `[${environment}] ${title}: ${shortened(service, 24)} ${shortened(version, 20)}`;
  return {
    subject: subjectLine(subject),
    text: `${[`${service} ${version} -> ${environment}: ${title}`, '', ...parts.map(textPart)].join('\n')}\n`,
    slack: {
      text: [
        `*${slackText(`${environment}: ${service} ${version} ${title}`)}*`,
        ...parts.map(slackPart),
      ].join('\n'),
    },
  };
}

function titleOf({ promotion, occasion }: Outcome): string {
  if (occasion === 'approval void') return 'approval void';
  if (occasion === 'manual sync') return 'waits for a manual sync';
  return promotion.kind === 'promotion' ? promotion.state : `${promotion.kind} ${promotion.state}`;
}

function partsOf(outcome: Outcome): Part[] {
  const { promotion, config, docs } = outcome;
  const console = promotion.execution === undefined ? undefined : executionUrl(promotion.execution);
  const anchor = runbookAnchor(promotion, outcome.occasion);
  const runbook = docs && new URL(`runbook.md#${anchor}`, docs.href.replace(/\/*$/, '/')).href;
  const approvers = (promotion.steps.approval?.votes ?? []).filter(
    ({ decision }) => decision === 'approve',
  );
  return [
    { label: 'what', words: whatHappened(outcome) },
    ...(promotion.cause?.fix === undefined ? [] : [{ label: 'fix', words: promotion.cause.fix }]),
    {
      label: 'asked by',
      words:
        actorWords(promotion.requestedBy, config) +
        (promotion.reason ? `: "${promotion.reason}"` : ''),
    },
    ...(approvers.length === 0 || outcome.occasion === 'approval void'
      ? []
      : [
          {
            label: 'approved by',
            words: listWords(approvers.map(({ person }) => personWords(person, config))),
          },
        ]),
    ...(console === undefined ? [] : [{ label: 'execution', words: promotion.id, url: console }]),
    runbook === undefined
      ? { label: 'runbook', words: `docs/runbook.md#${anchor}` }
      : { label: 'runbook', words: anchor, url: runbook },
    { label: 'next', words: next(outcome) },
  ];
}

function whatHappened({ promotion, occasion }: Outcome): string {
  if (occasion === 'approval void')
    return `What the approvers were shown has changed, so their answers do not count${promotion.because ? `: ${promotion.because}` : '.'}`;
  if (occasion === 'manual sync')
    return `The Ledger says ${promotion.version}; Argo CD does not sync ${promotion.environment} by itself. Verify, then sync.`;
  if (promotion.state === 'promoted')
    return resultLine(promotion)
      .replace(/\. Undo: .*$/, '.')
      .replace(/^done: /, '');
  const step = promotion.cause?.step === undefined ? '' : `${promotion.cause.step}: `;
  const why = promotion.cause?.message ?? promotion.because ?? promotion.state;
  return `${step}${why.replace(/[.\s]+$/, '')}. ${standing(promotion)}`;
}

function next({ promotion, occasion }: Outcome): string {
  if (occasion === 'approval void') return NEXT.follow(promotion.id);
  if (promotion.state === 'promoted')
    return NEXT.rollback(promotion.service, promotion.environment);
  return NEXT.why(promotion.service, promotion.environment);
}

const textPart = ({ label, words, url }: Part) => `${label.padEnd(11)}  ${url ?? unlinked(words)}`;

/** `|` ends the address in `<url|words>` and is legal in neither: ours come from `executionUrl` and `URL`. */
const slackPart = ({ label, words, url }: Part) =>
  `${label}: ${url === undefined ? slackText(words) : `<${slackText(url)}|${slackText(words).replaceAll('|', '/')}>`}`;
