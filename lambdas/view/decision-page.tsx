import type { ConveyorConfig } from '../domain/config.ts';
import type { PersonName } from '../domain/names.ts';
import type { Promotion } from '../domain/promotion.ts';
import { DecisionFacts } from './decision-facts.tsx';
import { DecisionForm } from './decision-form.tsx';
import { DECISION_STYLE } from './decision-style.ts';
import { NEXT } from './next.ts';
import { plain } from './plain.ts';
import { type PromotionView, promotionView } from './promotion-view.ts';
import { ageWords, leftWords, momentWords } from './time-words.ts';
import { countWords, personWords } from './words.ts';

interface Known {
  readonly promotion: Promotion;
  readonly approver: PersonName;
  /** When the link stops working. */
  readonly expiresAt: string;
  readonly config?: ConveyorConfig;
}

/**
 * What the page is about to say: `open` asks; `decided` tells the outcome (of this person's answer, or of anybody's);
 * `expired`, `void` (what was shown has moved) and `self` (segregation of duties) say why it cannot be asked any more;
 * `unknown` knows nothing of the link, and says nothing about any promotion.
 */
export type DecisionPage =
  | (Known & {
      readonly state: 'open';
      /** CSRF nonce; the form sends it back as `csrf`. */
      readonly csrf: string;
      /** What was wrong with the last answer, for example a rejection without a note. */
      readonly problem?: string;
      readonly note?: string;
    })
  | (Known & { readonly state: 'decided' | 'expired' | 'void' | 'self' })
  | { readonly state: 'unknown' };

/** The approval page, whole. Send it with DECISION_HEADERS. */
export function renderDecisionPage(page: DecisionPage, now: Date): string {
  const title = page.state === 'unknown' ? 'This link is not valid' : headline(page);
  const html = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow, noarchive" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>
          {page.state === 'open' && page.problem !== undefined ? `Error: ${title}` : title}
        </title>
        {/* The style is a constant of ours; escaping it would change its hash. */}
        <style dangerouslySetInnerHTML={{ __html: DECISION_STYLE }} />
      </head>
      <body>
        <main>
          {page.state === 'unknown' ? <Unknown /> : <Body page={page} now={now} title={title} />}
        </main>
      </body>
    </html>
  );
  return `<!doctype html>\n${String(html)}\n`;
}

function Body({
  page,
  now,
  title,
}: {
  page: Exclude<DecisionPage, { state: 'unknown' }>;
  now: Date;
  title: string;
}) {
  const view = promotionView(page.promotion, page.config);
  return (
    <>
      <header>
        <strong>{view.environment}</strong>
        <span>
          You are <bdi>{personWords(page.approver, page.config)}</bdi>.
          {page.state === 'open' && <> Link valid until {momentWords(page.expiresAt)}, once.</>}
        </span>
      </header>
      <h1>{title}</h1>
      <p class="asked">
        asked by <bdi>{view.requestedBy}</bdi> {ageWords(page.promotion.createdAt, now)}
      </p>
      {view.reason !== undefined && (
        <blockquote>
          <bdi>{view.reason}</bdi>
        </blockquote>
      )}
      {page.state !== 'open' && <Notice page={page} view={view} />}
      <DecisionFacts
        promotion={page.promotion}
        view={view}
        {...(page.config && { config: page.config })}
      />
      {page.state === 'open' && (
        <DecisionForm page={page} view={view} left={leftWords(page.expiresAt, now)} />
      )}
      <footer>
        <p>
          Promotion <code>{view.id}</code>.{' '}
          {page.state === 'open' && (
            <>
              The same by command: <code>{NEXT.approve(view.shortId)}</code>
            </>
          )}
        </p>
      </footer>
    </>
  );
}

function headline({ promotion, state }: Exclude<DecisionPage, { state: 'unknown' }>): string {
  const { service, version, environment, previous, kind } = promotion;
  const what =
    previous === undefined
      ? `${service} ${version} into ${environment}`
      : `${service} ${version} in place of ${previous.version}`;
  if (state === 'open') return kind === 'rollback' ? `Go back: put ${what}?` : `Put ${what}?`;
  return `${service} ${version} for ${environment}`;
}

function Notice({
  page,
  view,
}: {
  page: Exclude<DecisionPage, { state: 'unknown' }>;
  view: PromotionView;
}) {
  return (
    <div class="notice" role="status">
      <p>
        <strong>{noticeWords(page, view)}</strong>
      </p>
      {page.state === 'decided' &&
        view.approval !== undefined &&
        view.approval.missing > 0 &&
        view.state.word === 'awaiting approval' && (
          <p>{countWords(view.approval.missing, 'more approval')} needed.</p>
        )}
      {page.state !== 'decided' && <p>Nothing was decided by opening this page.</p>}
    </div>
  );
}

function noticeWords(
  page: Exclude<DecisionPage, { state: 'unknown' }>,
  view: PromotionView,
): string {
  const own = page.promotion.steps.approval?.votes.find(({ person }) => person === page.approver);
  const stays =
    view.previous === undefined ? '' : ` ${view.service} stays at ${view.previous.version}.`;
  switch (page.state) {
    case 'decided':
      if (own !== undefined)
        return `You ${own.decision === 'approve' ? 'approved' : 'rejected'} this at ${momentWords(own.at)}.`;
      return `This was decided without you: it is ${view.state.word}.`;
    case 'expired':
      return `Nobody decided in time: this expired at ${momentWords(page.expiresAt)}.${stays}`;
    case 'void':
      return `What you were shown has changed, so this request is void.${view.because === undefined ? '' : ` ${plain(view.because)}`} If it is still wanted, a new message asks you.`;
    case 'self':
      return isOwn(page)
        ? 'You asked for this promotion, so somebody else must decide.'
        : 'Your answer cannot count here: you are not one of its approvers, or it is not known who asked.';
    case 'open':
      return '';
  }
}

const isOwn = ({ promotion: { requestedBy }, approver }: Known) =>
  'person' in requestedBy && requestedBy.person === approver;

function Unknown() {
  return (
    <>
      <h1>This link is not valid</h1>
      <p>It was used, replaced by a newer one, or copied incompletely. Nothing was decided.</p>
      <p>
        See what waits for you: <code>conveyor status</code>
      </p>
    </>
  );
}
