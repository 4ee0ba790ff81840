import { placeName } from '../domain/place.ts';
import type { Promotion, Release } from '../domain/promotion.ts';
import { plain, shortened } from './plain.ts';
import { tableText } from './table-text.ts';
import { stampWords } from './time-words.ts';
import { actorWords, digestWords, shortId, versionWords } from './words.ts';

/** `conveyor history`: newest first, who and why beside what. */
export function historyText(promotions: readonly Promotion[]): string {
  if (promotions.length === 0) return 'Nothing was promoted there yet.';
  const header = [
    'WHEN (UTC)',
    'PROMOTION',
    'SERVICE',
    'ENVIRONMENT',
    'VERSION',
    'STATE',
    'ASKED BY',
    'REASON',
  ];
  return tableText([
    header,
    ...promotions.map((promotion) => [
      stampWords(promotion.createdAt),
      shortId(promotion),
      promotion.service,
      promotion.environment,
      changeWords(promotion),
      promotion.kind === 'promotion' ? promotion.state : `${promotion.state} (${promotion.kind})`,
      shortened(actorWords(promotion.requestedBy), 40),
      shortened(plain(promotion.reason ?? ''), 60),
    ]),
  ]);
}

/** `conveyor releases`: what could be promoted. */
export function releasesText(releases: readonly Release[]): string {
  if (releases.length === 0) return 'No release was pushed yet.';
  return tableText([
    ['PUSHED (UTC)', 'VERSION', 'DIGEST', 'SOURCE'],
    ...releases.map(({ pushedAt, version, digest, source }) => [
      stampWords(pushedAt),
      version,
      digestWords(digest),
      placeName(source),
    ]),
  ]);
}

export function changeWords({ previous, version }: Promotion): string {
  return [previous?.version, version]
    .filter((one) => one !== undefined)
    .map(versionWords)
    .join(' -> ');
}
