import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ConveyorConfig } from '../domain/config.ts';
import { Conflict, NotAllowed, Refused } from '../domain/errors.ts';
import { mayDecide } from '../domain/identity.ts';
import { isFinal } from '../domain/promotion.ts';
import type { ApprovalLink } from '../ports/approvals.ts';
import { assess } from '../promote/gather-facts.ts';
import { wakeParked } from '../promote/wake-parked.ts';
import { type DecisionPage, renderDecisionPage } from '../view/decision-page.tsx';
import { DECISION_HEADERS } from '../view/decision-style.ts';
import { castVote, type VotePorts } from './cast-vote.ts';
import { formNonce, hashLinkToken, sameText } from './link-token.ts';

export interface DecisionPorts extends VotePorts {
  readonly config: () => Promise<ConveyorConfig>;
  readonly report: (error: unknown) => void;
}

const LONGEST_NOTE = 500;
/** A decision, a nonce and a note are far below; nothing larger is read. */
const LARGEST_FORM = 16 * 1_024;

/**
 * The page behind an approver's link. GET and HEAD show it and change nothing, whoever follows the link how often;
 * POST with the page's own nonce decides.
 */
export function decisionApp(ports: DecisionPorts): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    ports.report(error);
    return say(c, 'Conveyor cannot look this up right now. Nothing was decided; try again.', 503);
  });
  app.use(
    bodyLimit({
      maxSize: LARGEST_FORM,
      onError: (c) => say(c, 'That is too much for an answer. Nothing was decided.', 413),
    }),
  );
  app.get('/a/:token', async (c) => {
    const token = c.req.param('token');
    return show(c, ports, await pageOf(ports, token, await linkOf(ports, token)));
  });
  app.post('/a/:token', async (c) => decide(c, ports));
  app.all('*', (c) => show(c, ports, { state: 'unknown' }));
  return app;
}

async function decide(c: Context, ports: DecisionPorts): Promise<Response> {
  const token = c.req.param('token') ?? '';
  const link = await linkOf(ports, token);
  const page = await pageOf(ports, token, link);
  if (page.state === 'unknown' || link === undefined) return show(c, ports, page);
  const form = await c.req.parseBody();
  const decision = form.decision;
  const note = typeof form.note === 'string' ? form.note.trim().slice(0, LONGEST_NOTE) : '';
  if (page.state === 'void') await askAnew(ports, link);
  if (page.state !== 'open') return show(c, ports, page, page.state === 'decided' ? 200 : 410);
  if (typeof form.csrf !== 'string' || !sameText(form.csrf, page.csrf)) {
    const problem = 'This page was out of date, so nothing was decided. Look again, then answer.';
    return show(c, ports, { ...page, problem, note }, 409);
  }
  if (decision !== 'approve' && decision !== 'reject')
    return show(
      c,
      ports,
      { ...page, problem: 'Nothing was decided: choose approve or reject.', note },
      400,
    );
  if (decision === 'reject' && note === '')
    return show(c, ports, { ...page, problem: 'To reject, say why in the note.', note }, 400);
  try {
    const cast = {
      person: page.approver,
      decision,
      via: 'page',
      round: link.round,
      ...(note !== '' && { note }),
    } as const;
    await castVote(ports, await ports.config(), page.promotion, cast);
  } catch (error) {
    if (error instanceof Conflict) return show(c, ports, { ...page, state: 'void' }, 409);
    if (error instanceof NotAllowed) return show(c, ports, { ...page, state: 'self' }, 403);
    if (!(error instanceof Refused)) throw error;
  }
  return show(c, ports, await pageOf(ports, token, link));
}

function linkOf(ports: DecisionPorts, token: string): Promise<ApprovalLink | undefined> {
  return ports.approvals.links.get(hashLinkToken(token));
}

/** The execution that waits on this round finds that it is void and asks again; a round long past wakes nobody. */
async function askAnew(ports: DecisionPorts, link: ApprovalLink): Promise<void> {
  const round = await ports.approvals.latest(link.promotion);
  if (round?.round === link.round) await wakeParked(ports, round);
}

/** What the link leads to now. An unknown, forged or forgotten one learns nothing. */
async function pageOf(
  ports: DecisionPorts,
  token: string,
  link: ApprovalLink | undefined,
): Promise<DecisionPage> {
  if (link === undefined) return { state: 'unknown' };
  const config = await ports.config();
  const [promotion, approval] = await Promise.all([
    ports.promotions.find(link.promotion),
    ports.approvals.latest(link.promotion),
  ]);
  const known = { promotion, approver: link.person, expiresAt: link.expiresAt, config };
  const answered =
    approval?.round === link.round && approval.votes.some((vote) => vote.person === link.person);
  if (answered || (isFinal(promotion.state) && promotion.state !== 'expired'))
    return { ...known, state: 'decided' };
  if (approval === undefined || approval.round !== link.round || approval.state === 'void')
    return { ...known, state: 'void' };
  const over = ports.clock.now().getTime() >= Date.parse(link.expiresAt);
  if (over || approval.state === 'expired' || promotion.state === 'expired')
    return { ...known, state: 'expired' };
  if (!mayDecide(promotion, link.person, config).allowed) return { ...known, state: 'self' };
  const { facts } = await assess(ports, config, promotion);
  if (facts.shown !== approval.shown) return { ...known, state: 'void' };
  return { ...known, state: 'open', csrf: formNonce(token, approval.shown) };
}

function show(
  c: Context,
  ports: DecisionPorts,
  page: DecisionPage,
  status: 200 | 400 | 403 | 409 | 410 = 200,
): Response {
  guard(c);
  const body = renderDecisionPage(page, ports.clock.now());
  return c.html(body, page.state === 'unknown' ? 404 : status);
}

function say(c: Context, words: string, status: 413 | 503): Response {
  guard(c);
  return c.text(words, status);
}

function guard(c: Context): void {
  for (const [name, value] of Object.entries(DECISION_HEADERS)) c.header(name, value);
}
