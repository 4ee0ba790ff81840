import { type Context, Hono } from 'hono';
import type { ConveyorConfig } from '../domain/config.ts';
import { Conflict, NotAllowed, Refused } from '../domain/errors.ts';
import { mayDecide } from '../domain/identity.ts';
import { isFinal } from '../domain/promotion.ts';
import { assess } from '../promote/gather-facts.ts';
import { type DecisionPage, renderDecisionPage } from '../view/decision-page.tsx';
import { DECISION_HEADERS } from '../view/decision-style.ts';
import { castVote, type VotePorts } from './cast-vote.ts';
import { formNonce, hashLinkToken, sameText } from './link-token.ts';

export interface DecisionPorts extends VotePorts {
  readonly config: () => Promise<ConveyorConfig>;
}

const LONGEST_NOTE = 500;

/**
 * The page behind an approver's link. GET and HEAD show it and change nothing, whoever follows the link how often;
 * POST with the page's own nonce decides.
 */
export function decisionApp(ports: DecisionPorts): Hono {
  const app = new Hono();
  app.get('/a/:token', async (c) => show(c, ports, await pageOf(ports, c.req.param('token'))));
  app.post('/a/:token', async (c) => decide(c, ports));
  app.all('*', (c) => show(c, ports, { state: 'unknown' }));
  return app;
}

async function decide(c: Context, ports: DecisionPorts): Promise<Response> {
  const token = c.req.param('token') ?? '';
  const page = await pageOf(ports, token);
  if (page.state === 'unknown') return show(c, ports, page);
  const form = await c.req.parseBody();
  const decision = form['decision'];
  const note = typeof form['note'] === 'string' ? form['note'].trim().slice(0, LONGEST_NOTE) : '';
  if (page.state !== 'open') return show(c, ports, page, page.state === 'decided' ? 200 : 410);
  if (typeof form['csrf'] !== 'string' || !sameText(form['csrf'], page.csrf)) {
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
      ...(note !== '' && { note }),
    } as const;
    await castVote(ports, await ports.config(), page.promotion, cast);
  } catch (error) {
    if (error instanceof Conflict) return show(c, ports, { ...page, state: 'void' }, 409);
    if (error instanceof NotAllowed) return show(c, ports, { ...page, state: 'self' }, 403);
    if (!(error instanceof Refused)) throw error;
  }
  return show(c, ports, await pageOf(ports, token));
}

/** What the link leads to now. An unknown, forged or forgotten one learns nothing. */
async function pageOf(ports: DecisionPorts, token: string): Promise<DecisionPage> {
  const link = await ports.approvals.links.get(hashLinkToken(token));
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
  for (const [name, value] of Object.entries(DECISION_HEADERS)) c.header(name, value);
  const body = renderDecisionPage(page, ports.clock.now());
  return c.html(body, page.state === 'unknown' ? 404 : status);
}
