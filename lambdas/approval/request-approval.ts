import type { ConveyorConfig } from '../domain/config.ts';
import type { PersonName } from '../domain/names.ts';
import { isFinal, type Promotion } from '../domain/promotion.ts';
import type { Approval } from '../ports/approvals.ts';
import type { Executions, Sealer } from '../ports/executions.ts';
import type { Alarms, Notices } from '../ports/notices.ts';
import type { PromotionRef } from '../ports/releases.ts';
import { type Assessment, assess, type FactPorts } from '../promote/gather-facts.ts';
import { environmentConfig } from '../promote/new-promotion.ts';
import type { TokenReference } from '../promote/reference.ts';
import { renderApprovalMail } from '../view/approval-mail.ts';
import { docsOf } from '../view/docs.ts';
import { renderOutcome } from '../view/outcome.ts';
import { hashLinkToken, newLinkToken } from './link-token.ts';

export interface AskPorts extends FactPorts {
  readonly executions: Executions;
  readonly sealer: Sealer;
  readonly notices: Notices;
  readonly alarms: Alarms;
  /** Where the decision pages are; undefined: approval by CLI alone. */
  readonly pages?: URL;
}

/**
 * Asks the approvers, each once a round, and leaves the execution's token behind. The order matters: the token is kept
 * before anybody can answer, and whatever was answered meanwhile wakes the execution at once.
 */
export async function requestApproval(
  ports: AskPorts,
  config: ConveyorConfig,
  { waiting, ...ref }: TokenReference,
): Promise<void> {
  const promotion = await ports.promotions.get(ref);
  const assessed = await assess(ports, config, promotion);
  if (isFinal(promotion.state) || assessed.decision.verdict !== 'ask')
    return ports.executions.wake(waiting.token);

  const round = await openRound(ports, config, promotion, assessed, assessed.decision.whom);
  const asked = await describe(ports, ref, promotion, round, assessed);
  await ports.approvals.note(promotion.id, round.round, {
    parked: { ...waiting, token: await ports.sealer.seal(promotion.id, waiting.token) },
  });
  await ports.alarms.expireAt(promotion.id, round.round, new Date(round.expiresAt));
  for (const person of round.asked)
    if (!round.told.includes(person)) await tell(ports, config, asked, round, person);

  const after = await assess(ports, config, promotion);
  const stands = after.approval?.state === 'open' && after.approval.shown === after.facts.shown;
  if (after.decision.verdict !== 'ask' || !stands) await ports.executions.wake(waiting.token);
}

/** The open round if it still shows the truth; else that one is void and the next is opened. */
async function openRound(
  ports: AskPorts,
  config: ConveyorConfig,
  promotion: Promotion,
  { facts, approval }: Assessment,
  whom: readonly PersonName[],
): Promise<Approval> {
  if (approval?.state === 'open' && approval.shown === facts.shown) return approval;
  if (approval !== undefined) await makeVoid(ports, config, promotion, approval);
  const now = ports.clock.now();
  const seconds = environmentConfig(config, promotion.environment).approval?.expires ?? 0;
  // Whole seconds, as the alarm knows no others: one that rings early is not heard.
  const expires = Math.ceil(now.getTime() / 1_000) + seconds;
  return ports.approvals.open({
    promotion: promotion.id,
    round: (approval?.round ?? 0) + 1,
    shown: facts.shown,
    asked: whom,
    askedAt: now.toISOString(),
    expiresAt: new Date(expires * 1_000).toISOString(),
    state: 'open',
    votes: [],
    told: [],
  });
}

/**
 * Tells everybody who was asked in that round, before the next one opens: so none of them is forgotten by a death
 * between. Its alarm is left to ring: it names the round, and wakes nobody for one that is over.
 */
async function makeVoid(
  ports: AskPorts,
  config: ConveyorConfig,
  promotion: Promotion,
  { round, told }: Approval,
): Promise<void> {
  await ports.approvals.close(promotion.id, round, 'void');
  const notice = renderOutcome({ promotion, occasion: 'approval void', config, ...docsOf(config) });
  for (const person of told)
    await ports.notices.approver(person, `${promotion.id}-${round}-void-${person}`, notice);
}

/** Puts into the record what is being asked, so that page, mail and CLI show the same. */
async function describe(
  ports: AskPorts,
  ref: PromotionRef,
  promotion: Promotion,
  round: Approval,
  { diff, decision }: Assessment,
): Promise<Promotion> {
  const approval = {
    askedAt: round.askedAt,
    expiresAt: round.expiresAt,
    asked: [...round.asked],
    minimum: decision.verdict === 'ask' ? decision.minimum : round.asked.length,
    votes: [...round.votes],
    shown: round.shown,
    diff: [...diff],
  };
  const note = {
    state: 'awaiting approval',
    because: decision.reasons.join('; '),
    steps: { approval },
  } as const;
  await ports.promotions.note(ref, note, ports.clock.now().toISOString());
  return { ...promotion, state: 'awaiting approval', steps: { ...promotion.steps, approval } };
}

async function tell(
  ports: AskPorts,
  config: ConveyorConfig,
  promotion: Promotion,
  round: Approval,
  person: PersonName,
): Promise<void> {
  const secret = newLinkToken(ports.clock);
  const link = { promotion: promotion.id, round: round.round, person, expiresAt: round.expiresAt };
  await ports.approvals.links.put(hashLinkToken(secret), link);
  const page = ports.pages && { link: new URL(`a/${secret}`, ports.pages) };
  const mail = renderApprovalMail(
    { promotion, approver: person, config, ...page, kind: 'request' },
    ports.clock.now(),
  );
  await ports.notices.approver(person, `${promotion.id}-${round.round}-${person}`, mail);
  await ports.approvals.note(promotion.id, round.round, { told: person });
}
