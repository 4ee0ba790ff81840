import { describe, expect, it } from 'vitest';
import { changesIn, composeMessage, isCommitOf } from '../../lambdas/ledger/commit-message.ts';

const promotion = {
  id: 'p_1',
  service: 'payments',
  environment: 'qa',
  version: '1042',
  digest: 'sha256:0',
  requestedBy: 'ana',
  approvedBy: ['li', 'tom'],
  createdAt: new Date(0),
};
const change = (key: string, before: string, after: string) => ({
  path: 'envs/qa/payments.yaml',
  key,
  line: 2,
  before,
  after,
});
const subject = (message: string) => message.split('\n')[0];

describe('the words of a commit', () => {
  it('are subject, reason, lines and trailers, a paragraph each', () => {
    const changes = [
      change('image.tag', '1038', '1042'),
      change('image.digest', 'sha256:1', 'sha256:0'),
    ];

    expect(composeMessage({ ...promotion, reason: ' fix\trounding ' }, changes)).toBe(
      `promote(qa): payments 1038 -> 1042

fix rounding

- envs/qa/payments.yaml:2 image.tag "1038" -> "1042"
- envs/qa/payments.yaml:2 image.digest "sha256:1" -> "sha256:0"

Conveyor-Promotion: p_1
Conveyor-Digest: sha256:0
Conveyor-Requested-By: ana
Conveyor-Approved-By: li
Conveyor-Approved-By: tom`,
    );
  });

  it('leave out what there is not: reason, lines, a version before', () => {
    const message = composeMessage({ ...promotion, approvedBy: [] }, []);

    expect(message.split('\n\n')).toHaveLength(2);
    expect(subject(message)).toBe('promote(qa): payments 1042');
    expect(subject(composeMessage(promotion, [change('image.tag', '', '1042')]))).toBe(
      'promote(qa): payments 1042',
    );
    expect(subject(composeMessage(promotion, [change('image.digest', 'a', 'b')]))).toBe(
      'promote(qa): payments 1042',
    );
  });

  it.each([
    ['a SHA', 'a'.repeat(40), 'a'.repeat(12)],
    ['one digit more', 'a'.repeat(41), 'a'.repeat(41)],
    ['one digit less', 'a'.repeat(39), 'a'.repeat(39)],
    ['what only ends like one', `x${'a'.repeat(40)}`, `x${'a'.repeat(40)}`],
    ['what is no hex', 'g'.repeat(40), 'g'.repeat(40)],
  ])('shorten %s as they should', (_, version, said) => {
    expect(subject(composeMessage({ ...promotion, version }, []))).toBe(
      `promote(qa): payments ${said}`,
    );
  });

  it.each([
    ['a blank line with blanks', 'x\n \t\nConveyor-Promotion: p_1', true],
    ['blanks around the value', 'x\n\nConveyor-Promotion:  p_1  ', true],
    ['blanks before the colon', 'x\n\nConveyor-Promotion \t: p_1', true],
    ['no blank after the colon', 'x\n\nConveyor-Promotion:p_1', true],
    ['blank lines after it', '\n\nx\n\nConveyor-Promotion: p_1\n\n', true],
    ['among others', 'x\n\nA: b\nConveyor-Promotion: p_1\nC: d', true],
    ['another name that ends so', 'x\n\nX Conveyor-Promotion: p_1', false],
    ['another trailer', 'x\n\nConveyor-Digest: p_1', false],
    ['no trailers', 'x\n\ny', false],
    ['nothing', '', false],
  ])('tell their promotion: %s', (_, message, own) => {
    expect(isCommitOf('p_1', message)).toBe(own);
  });

  it('list their changes for a retry, whatever is in them', () => {
    const changes = [
      change('image.tag', '10"38\\', ''),
      { ...change('images.0.newTag', 'ü -> "x"', '2'), path: 'a: b/c 1.yaml', line: 120 },
    ];

    expect(changesIn(composeMessage(promotion, changes))).toEqual(changes);
  });

  it.each([
    ['a message of somebody else', 'fix\n\n- something\n\nbye'],
    ['one paragraph', '- a.yaml:1 k "a" -> "b"'],
    ['a line that only looks so', 'x\n\n- a.yaml:1 k "a" -> "b" or so\n\nA: b'],
    ['a line that begins otherwise', 'x\n\nsee - a.yaml:1 k "a" -> "b"\n\nA: b'],
    ['a line without a number', 'x\n\n- a.yaml:x k "a" -> "b"\n\nA: b'],
    ['nothing', ''],
  ])('list none in %s', (_, message) => {
    expect(changesIn(message)).toEqual([]);
  });
});
