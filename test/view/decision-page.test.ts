import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PersonName } from '../../lambdas/domain/names.ts';
import { type DecisionPage, renderDecisionPage } from '../../lambdas/view/decision-page.tsx';
import { DECISION_HEADERS } from '../../lambdas/view/decision-style.ts';
import { config, now, promoted, sample } from './sample.ts';

const li = PersonName.parse('li');
const known = { promotion: sample(), approver: li, expiresAt: '2026-11-22T13:01:03Z', config };
const open: DecisionPage = { ...known, state: 'open', csrf: 'nonce-1' };
const words = (html: string) =>
  html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the decision page, open', () => {
  const html = renderDecisionPage(open, now);

  it('is, but for its style, what was last reviewed', () => {
    const normalised = html.replace(/<style>.*?<\/style>/s, '<style/>').replace(/></g, '>\n<');
    expect(normalised).toMatchSnapshot();
  });

  it.each([
    'Put payments 1042 in place of 1038?',
    'image.tag: "1042"',
    'asked by Raj Patel',
    'You are Li Wei',
    'Sun 22 Nov 13:01 UTC',
    'payments stays at 1038',
    'conveyor rollback payments prod-wealth',
    'a person then syncs Argo CD',
  ])('says before the button: %s', (fact) => {
    const facts = words(html.slice(0, html.indexOf('<button'))).replaceAll('&quot;', '"');
    expect(facts.replace(/Li Wei \./, 'Li Wei.')).toContain(fact);
  });

  it('needs no script and nothing from elsewhere', () => {
    expect(html).not.toMatch(/<script|\son\w+=|src=|href=|@import|url\(/i);
  });

  it('allows its one style by hash, and nothing else', () => {
    const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(DECISION_HEADERS['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(html).not.toContain('style="');
  });

  it('posts to its own address, with its nonce, a labelled note, and a note demanded of Reject alone', () => {
    expect(html).toContain('<form method="post" action="">');
    expect(html).toContain('<input type="hidden" name="csrf" value="nonce-1"/>');
    expect(html).toMatch(/<label for="note">/);
    expect(html).toMatch(/<textarea id="note" name="note" required/);
    expect(html).toMatch(
      /<button[^>]+value="approve" formnovalidate[^>]*>Approve 1042 for prod-wealth<\/button>/,
    );
    expect(html).toMatch(/<button class="no" type="submit" name="decision" value="reject">/);
  });

  it('tells what was wrong with the last answer, and keeps what was typed', () => {
    const again = renderDecisionPage(
      {
        ...known,
        state: 'open',
        csrf: 'n',
        problem: 'A rejection needs a note.',
        note: 'but <why>',
      },
      now,
    );
    expect(again).toMatch(/role="alert" id="problem">A rejection needs a note\.</);
    expect(again).toContain('>but &lt;why&gt;</textarea>');
    expect(again).toContain('<title>Error: ');
  });

  it('shows one first release without a version before it', () => {
    const first = renderDecisionPage({ ...open, promotion: sample({ previous: undefined }) }, now);
    expect(words(first)).toContain('Put payments 1042 into prod-wealth?');
  });
});

describe('the decision page, closed', () => {
  it.each<[DecisionPage, string]>([
    [
      { ...known, state: 'decided', approver: PersonName.parse('ana') },
      'You approved this at Sat 21 Nov 13:40 UTC. 1 more approval needed.',
    ],
    [
      { ...known, state: 'decided', promotion: promoted() },
      'This was decided without you: it is promoted.',
    ],
    [
      { ...known, state: 'expired' },
      'Nobody decided in time: this expired at Sun 22 Nov 13:01 UTC. payments stays at 1038.',
    ],
    [{ ...known, state: 'void' }, 'What you were shown has changed, so this request is void.'],
    [
      { ...known, state: 'self', approver: PersonName.parse('raj') },
      'You asked for this promotion, so somebody else must decide.',
    ],
    [{ state: 'unknown' }, 'This link is not valid'],
  ])('says why, and has no button: %#', (page, sentence) => {
    const html = renderDecisionPage(page, now);
    expect(words(html)).toContain(sentence);
    expect(html).not.toMatch(/<form|<button/);
  });

  it('tells a stranger nothing of any promotion', () => {
    expect(renderDecisionPage({ state: 'unknown' }, now)).not.toMatch(
      /payments|prod-wealth|1042|p_01/,
    );
  });
});

it('shows whatever a stranger wrote as text, never as markup', () => {
  const allowed = new Set([
    ...(renderDecisionPage(open, now).match(/<\/?[a-z0-9]+|<!doctype/g) ?? []),
    '<bdi',
    '</bdi',
  ]);
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      '</textarea><b>',
      '</style><i>',
      "' onfocus=x ",
      '\u202e1038',
      '&lt;',
    ),
  );
  fc.assert(
    fc.property(hostile, hostile, hostile, (a, b, c) => {
      const promotion = sample({
        reason: a,
        requestedBy: { principal: b },
        because: c,
        steps: {
          ...sample().steps,
          gates: { at: '2026-11-21T13:01:02Z', decision: c, reasons: [a, b], policy: c },
          approval: {
            ...sample().steps.approval,
            votes: [
              {
                person: 'ana',
                decision: 'approve',
                at: '2026-11-21T13:40:10Z',
                via: 'page',
                note: c,
              },
            ],
            diff: [{ path: a, key: b, line: 1, before: c, after: a }],
          },
        },
      });
      for (const state of ['open', 'void'] as const) {
        const html = renderDecisionPage(
          { ...known, promotion, state, csrf: 'n', note: c, problem: a },
          now,
        );
        for (const tag of html.match(/<[^\s>]*/g) ?? []) expect(allowed).toContain(tag);
        expect(html.replace(/<style>.*?<\/style>/s, '')).not.toMatch(
          /[\p{Cf}\p{Co}]|(?!\n)\p{Cc}/u,
        );
      }
    }),
    { numRuns: 150 },
  );
});
