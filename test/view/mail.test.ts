import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PersonName } from '../../lambdas/domain/names.ts';
import { FINAL_STATES } from '../../lambdas/domain/promotion.ts';
import { type ApprovalMail, renderApprovalMail } from '../../lambdas/view/approval-mail.ts';
import { renderOutcome } from '../../lambdas/view/outcome.ts';
import { RUNBOOK_HEADINGS, runbookAnchor } from '../../lambdas/view/runbook.ts';
import { config, now, promoted, sample } from './sample.ts';

const link = new URL('https://abc.lambda-url.us-east-1.on.aws/a/9f');
const docs = new URL('https://docs.example/conveyor/');
const mail: ApprovalMail = {
  promotion: sample(),
  approver: PersonName.parse('li'),
  config,
  link,
  kind: 'request',
};
const links = (text: string) => text.match(/\b[a-z]+:\/\/\S+|\bwww\.\S+|\bmailto:\S+/gi) ?? [];

const failed = sample({
  state: 'failed',
  cause: {
    code: 'DigestConflict',
    message: 'payments:1042 already names other bytes',
    fix: 'Push a new build.',
    step: 'copy',
  },
});

describe('the approval mail', () => {
  it('is what was last reviewed', () => {
    expect(renderApprovalMail(mail, now)).toMatchSnapshot();
    expect(
      renderApprovalMail(
        { ...mail, kind: 'reminder', promotion: sample({ kind: 'rollback', previous: undefined }) },
        now,
      ),
    ).toMatchSnapshot();
  });

  it('has exactly one link, that of the approver', () => {
    expect(links(renderApprovalMail(mail, now).text)).toEqual([link.href]);
  });

  it('names only commands where there are no links', () => {
    const { link: _, ...without } = mail;
    const { text } = renderApprovalMail(without, now);
    expect(links(text)).toEqual([]);
    expect(text).toContain('conveyor approve p_01JD7ZK3V5Q8');
    expect(text).toContain('conveyor reject p_01JD7ZK3V5Q8 --note');
  });

  it('keeps the expiry in a subject of 100 characters, however long the names', () => {
    const long = sample({ version: 'a'.repeat(128), service: `p${'x'.repeat(39)}` });
    const { subject } = renderApprovalMail({ ...mail, promotion: long }, now);
    expect(subject.length).toBeLessThanOrEqual(100);
    expect(subject).toContain('expires Sun 13:01 UTC');
  });
});

describe('the outcome notice', () => {
  it.each([
    ['failed', failed, 'ended'],
    ['promoted', promoted(), 'ended'],
    ['waiting for a manual sync', promoted(), 'manual sync'],
    ['void', sample({ because: 'payments 1040 landed meanwhile' }), 'approval void'],
    ['expired', sample({ state: 'expired', because: 'nobody decided in time' }), 'ended'],
  ] as const)('of one %s is what was last reviewed', (_, promotion, occasion) => {
    expect(renderOutcome({ promotion, occasion, config, docs })).toMatchSnapshot();
  });

  it('leads to the execution in its own partition, and to nothing when there is none', () => {
    const gov = renderOutcome({
      promotion: {
        ...failed,
        execution: 'arn:aws-us-gov:states:us-gov-west-1:111111111111:execution:promote:p_1',
      },
      occasion: 'ended',
      docs,
    });
    expect(gov.text).toContain(
      'https://us-gov-west-1.console.amazonaws-us-gov.com/states/home?region=us-gov-west-1#/v2/executions/details/arn:aws-us-gov:',
    );
    const odd = renderOutcome({
      promotion: { ...failed, execution: 'javascript:alert(1)' },
      occasion: 'ended',
      docs,
    });
    expect(odd.text).not.toContain('javascript');
  });

  it('says that the Ledger moved when it did, although the promotion failed', () => {
    const half = promoted({
      state: 'failed',
      cause: { code: 'Unavailable', message: 'no answer after 10 min', step: 'observe' },
    });
    expect(renderOutcome({ promotion: half, occasion: 'ended', docs }).text).toContain(
      'The Ledger already says payments 1042 for prod-wealth.',
    );
  });

  it('leads every end to a heading of the runbook', () => {
    for (const state of FINAL_STATES)
      expect(RUNBOOK_HEADINGS).toContain(runbookAnchor(sample({ state }), 'ended'));
    expect(runbookAnchor(failed, 'ended')).toBe('digest-conflict');
  });
});

it("carries a stranger's words without obeying them", () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '<!channel>',
      '<https://evil.example|Review>',
      'https://evil.example/a',
      'www.evil.example',
      'evil.example/a',
      '\nSubject: x',
      '\u001b[2J',
      '&amp;<>',
    ),
  );
  fc.assert(
    fc.property(hostile, hostile, (a, b) => {
      const promotion = sample({
        reason: a,
        requestedBy: { principal: b },
        because: a,
        state: 'failed',
        cause: { code: b, message: a, fix: b, step: a },
      });
      const asked = renderApprovalMail({ ...mail, promotion }, now);
      const told = renderOutcome({ promotion, occasion: 'ended', config, docs });

      expect(links(asked.text)).toEqual([link.href]);
      for (const { subject } of [asked, told])
        expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,99}$/);
      for (const { text } of [asked, told])
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      const ours = told.slack.text.replace(
        /<https:\/\/(us-east-1\.console\.aws\.amazon\.com|docs\.example)\/[^<>|]*\|[^<>|]*>/g,
        '',
      );
      expect(ours).not.toMatch(/[<>]/);
      expect(ours).not.toMatch(/&(?!amp;|lt;|gt;)/);
    }),
    { numRuns: 200 },
  );
});
