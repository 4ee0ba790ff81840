import { plain } from './plain.ts';
import type { PromotionView } from './promotion-view.ts';
import { countWords, listWords } from './words.ts';

interface Open {
  readonly csrf: string;
  readonly problem?: string;
  readonly note?: string;
}

/**
 * Works without JavaScript: the browser itself asks for the note when Reject is pressed, because Approve alone
 * carries `formnovalidate`. The server checks both again.
 */
export function DecisionForm({
  page,
  view,
  left,
}: {
  page: Open;
  view: PromotionView;
  left: string;
}) {
  const { version, environment, approval } = view;
  const others = approval !== undefined && approval.missing > 1;
  return (
    <form method="post" action="">
      <h2>Your decision</h2>
      {page.problem !== undefined && (
        <p class="notice error" role="alert" id="problem">
          {plain(page.problem)}
        </p>
      )}
      <input type="hidden" name="csrf" value={page.csrf} />
      <label for="note">Note</label>
      <p class="hint" id="hint">
        Needed to reject. Everybody who was asked can read it.
      </p>
      <textarea
        id="note"
        name="note"
        required
        maxlength={500}
        rows={2}
        autocomplete="off"
        aria-describedby={page.problem === undefined ? 'hint' : 'problem hint'}
        {...(page.problem === undefined ? {} : { 'aria-invalid': 'true' as const })}
      >
        {plain(page.note ?? '')}
      </textarea>
      <div class="buttons">
        <button class="yes" type="submit" name="decision" value="approve" formnovalidate>
          Approve {version} for {environment}
        </button>
        <button class="no" type="submit" name="decision" value="reject">
          Reject
        </button>
      </div>
      <p class="left">
        {left} left.
        {others &&
          ` After yours, ${countWords(approval.missing - 1, 'more approval')} needed of ${listWords(approval.waitingFor, 'or')}.`}
      </p>
    </form>
  );
}
