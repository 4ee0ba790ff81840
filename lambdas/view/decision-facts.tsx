import type { ConveyorConfig } from '../domain/config.ts';
import type { Promotion } from '../domain/promotion.ts';
import { NEXT } from './next.ts';
import { plain } from './plain.ts';
import type { PromotionView } from './promotion-view.ts';
import { momentWords, timeWords } from './time-words.ts';
import { listWords } from './words.ts';

/** What would change, what was checked, who else answers, what happens then: all of it before the button. */
export function DecisionFacts({
  promotion,
  view,
  config,
}: {
  promotion: Promotion;
  view: PromotionView;
  config?: ConveyorConfig;
}) {
  const { approval: shown, gates } = promotion.steps;
  return (
    <dl>
      <dt>now</dt>
      <dd>
        {view.previous === undefined ? (
          'nothing yet'
        ) : (
          <>
            {view.previous.version} <code>{view.previous.digest}</code> since{' '}
            {momentWords(view.previous.since)}
          </>
        )}
      </dd>
      <dt>after</dt>
      <dd>
        {view.version} <code>{view.digest}</code>
      </dd>
      {shown?.diff.map(({ path, line, key, before, after }) => (
        <>
          <dt>Ledger</dt>
          <dd>
            {plain(path)}, line {line}
            <pre>
              <del>
                - {plain(key)}: {plain(before)}
              </del>
              <ins>
                + {plain(key)}: {plain(after)}
              </ins>
            </pre>
          </dd>
        </>
      ))}
      {gates !== undefined && gates.reasons.length > 0 && (
        <>
          <dt>checked</dt>
          <dd>
            <ul>
              {gates.reasons.map((reason) => (
                <li>{plain(reason)}</li>
              ))}
            </ul>
          </dd>
        </>
      )}
      {view.approval !== undefined && (
        <>
          <dt>answers</dt>
          <dd>
            {view.approval.given} of {view.approval.minimum} approvals
            {view.approval.waitingFor.length > 0 && (
              <>; asked: {listWords(view.approval.waitingFor)}</>
            )}
            {view.approval.votes.length > 0 && (
              <ul>
                {view.approval.votes.map(({ name, decision, at, note }) => (
                  <li>
                    {name} {decision === 'approve' ? 'approved' : 'rejected'}{' '}
                    {timeWords(at).slice(0, 5)} UTC
                    {note !== undefined && (
                      <>
                        : <bdi>{note}</bdi>
                      </>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </dd>
        </>
      )}
      <dt>if yes</dt>
      <dd>
        {landing(promotion, config)} Undo:{' '}
        <code>{NEXT.rollback(view.service, view.environment)}</code>
      </dd>
      {view.approval !== undefined && view.state.word === 'awaiting approval' && (
        <>
          <dt>if silent</dt>
          <dd>
            expires {momentWords(view.approval.expiresAt)}
            {view.previous !== undefined && `; ${view.service} stays at ${view.previous.version}`}
          </dd>
        </>
      )}
    </dl>
  );
}

function landing({ environment }: Promotion, config?: ConveyorConfig): string {
  const sync = config?.environments[environment]?.argocd.sync;
  if (sync === undefined) return 'The Ledger changes and Argo CD follows.';
  return sync === 'manual'
    ? 'The Ledger changes; a person then syncs Argo CD.'
    : 'The Ledger changes and Argo CD syncs by itself.';
}
