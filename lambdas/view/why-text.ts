import type { WhyReply } from '../board/contract.ts';
import { isFinal, type Promotion, type Refusal } from '../domain/promotion.ts';
import { hostStateWords, whyWords } from './hosts-text.ts';
import { changeWords } from './list-text.ts';
import { plain } from './plain.ts';
import { standing } from './progress-lines.ts';
import { promotionView, waitingWords } from './promotion-view.ts';
import { momentWords } from './time-words.ts';
import { countWords, shortId, versionWords } from './words.ts';

/** `conveyor why`: one paragraph per promotion, newest first, then what intake refused. */
export function whyText({
  environment,
  releases,
  promotions,
  refusals,
  available,
  hosts,
}: WhyReply): string {
  const apart = hosts.map(apartWords).join('\n');
  const told = [
    ...promotions.map(promotionWords),
    ...(apart === '' ? [] : [apart]),
    ...refusals.map(refusalWords),
  ];
  if (available) {
    const versions = releases.map(({ service, version }) => `${service} ${version}`).join(', ');
    told.push(`${versions || 'It'} is available: nobody has asked for it in ${environment} yet.`);
  }
  return told.length === 0 ? `Conveyor knows nothing of it in ${environment}.` : told.join('\n\n');
}

function promotionWords(promotion: Promotion): string {
  const view = promotionView(promotion, undefined);
  const head = `${view.service} ${changeWords(promotion)} in ${view.environment}: ${view.state.word} since ${momentWords(view.since)} (${shortId(promotion)})`;
  const why = isFinal(promotion.state)
    ? (promotion.cause?.message ?? view.because)
    : waitingWords(view);
  return [
    head,
    why === undefined ? undefined : `  because  ${plain(why)}`,
    ...(promotion.steps.gates?.reasons ?? []).map((reason) => `  gate     ${plain(reason)}`),
    promotion.cause?.fix === undefined ? undefined : `  fix      ${plain(promotion.cause.fix)}`,
    isFinal(promotion.state) && promotion.state !== 'promoted'
      ? `  now      ${standing(promotion)}`
      : undefined,
    `  asked by ${view.requestedBy}${view.reason === undefined ? '' : `: "${view.reason}"`}`,
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

const apartWords = ({
  service,
  instance,
  version,
  state,
  since,
  tries,
  ...host
}: WhyReply['hosts'][number]) =>
  [
    `${service} on ${instance}: ${hostStateWords({ state, version })} since ${momentWords(since)}`,
    tries === undefined
      ? ''
      : `, ${versionWords(tries.version)} was brought to it ${countWords(tries.count, 'time')}`,
    whyWords(host) === '' ? '' : `: ${plain(whyWords(host))}`,
  ].join('');

const refusalWords = ({ repository, tag, at, reason, code }: Refusal) =>
  `${plain(repository)}${tag === undefined ? '' : `:${plain(tag)}`} was refused ${momentWords(at)} (${code}): ${plain(reason)}`;
