import type { ConveyorConfig } from '../domain/config.ts';
import type { PersonName } from '../domain/names.ts';
import type { Promotion } from '../domain/promotion.ts';
import { NEXT } from './next.ts';
import { plain, shortened, subjectLine, unlinked } from './plain.ts';
import { type ApprovalView, type PromotionView, promotionView } from './promotion-view.ts';
import { dayTimeWords, leftWords, momentWords } from './time-words.ts';
import { listWords, personWords } from './words.ts';

export interface ApprovalMail {
  readonly promotion: Promotion;
  readonly approver: PersonName;
  readonly config?: ConveyorConfig;
  /** The approver's own page; absent where approval is by CLI alone. */
  readonly link?: URL;
  readonly kind: 'request' | 'reminder';
}

/** The mail that asks one approver. SNS sends plain text; the link opens a page and decides nothing. */
export function renderApprovalMail(
  mail: ApprovalMail,
  now: Date,
): { subject: string; text: string } {
  const view = promotionView(mail.promotion, mail.config);
  const approval = view.approval;
  const expires = approval === undefined ? '' : `  expires ${dayTimeWords(approval.expiresAt)}`;
  const change = [view.previous?.version, view.version].filter((version) => version !== undefined);
  const remind = mail.kind === 'reminder' ? 'Reminder: ' : '';
  // 100 characters are SNS's limit; versions give way before the expiry does.
  const versions = change.map((version) => shortened(version, 14)).join(' -> ');
  const subject = subjectLine(
    `[${view.environment}] ${remind}Approve ${shortened(view.service, 20)} ${versions}?${expires}`,
  );
  const paragraphs = [
    [request(view), ...facts(mail.promotion, view)],
    ...(approval === undefined ? [] : [[answers(approval)]]),
    decide(mail, view),
    ...(approval === undefined ? [] : [[silence(view, approval, now)]]),
  ];
  return { subject, text: `${paragraphs.map((lines) => lines.join('\n')).join('\n\n')}\n` };
}

function request({
  requestedBy,
  service,
  version,
  previous,
  environment,
  reason,
  kind,
}: PromotionView): string {
  const what =
    previous === undefined
      ? `into ${environment}`
      : `in place of ${previous.version} in ${environment}`;
  const verb = kind === 'rollback' ? 'asks to go back and put' : 'asks to put';
  return `${unlinked(requestedBy)} ${verb} ${service} ${version} ${what}${reason === undefined ? '.' : `: "${unlinked(reason)}"`}`;
}

function facts({ steps }: Promotion, { previous, digest }: PromotionView): string[] {
  const ledger = (steps.approval?.diff ?? []).map(
    ({ path, line, key, before, after }) =>
      `ledger   ${unlinked(path)}:${line}  ${unlinked(key)}: ${unlinked(before)} -> ${unlinked(after)}`,
  );
  const checked = steps.gates?.reasons ?? [];
  return [
    '',
    `image    ${[previous?.digest, digest].filter((known) => known !== undefined).join(' -> ')}`,
    ...ledger,
    ...(checked.length === 0 ? [] : [`checked  ${unlinked(checked.join(' · '))}`]),
  ];
}

function answers({ minimum, given, waitingFor, votes }: ApprovalView): string {
  const said = votes.map(
    ({ name, decision }) => `${plain(name)} ${decision === 'approve' ? 'approved' : 'rejected'}`,
  );
  return [`${given} of ${minimum} approvals`, ...said, `asked: ${listWords(waitingFor)}`].join(
    ' · ',
  );
}

function decide(
  { link, approver, config, promotion }: ApprovalMail,
  { shortId }: PromotionView,
): string[] {
  const command = NEXT.approve(shortId);
  if (link === undefined) return [`Decide:  ${command}`, `or:      ${NEXT.reject(shortId)}`];
  return [
    `Review and decide:  ${link.href}`,
    `(for ${personWords(approver, config)} only, once; opening it decides nothing)  or: ${command}`,
    ...(promotion.kind === 'rollback'
      ? ['This is a rollback: it brings back what ran before.']
      : []),
  ];
}

function silence(
  { service, previous, environment }: PromotionView,
  { expiresAt }: ApprovalView,
  now: Date,
): string {
  const stays =
    previous === undefined
      ? `${environment} stays as it is`
      : `${service} stays at ${previous.version}`;
  return `If nobody decides by ${momentWords(expiresAt)} (${leftWords(expiresAt, now)} left) it expires and ${stays}.`;
}
