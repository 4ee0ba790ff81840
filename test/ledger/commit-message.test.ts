import { describe, expect, it } from 'vitest';
import { changesIn, composeMessage, isCommitOf } from '../../lambdas/ledger/commit-message.ts';
import { blobId, previewEdits } from '../../lambdas/ledger/plan-edits.ts';

const promotion = {
  id: 'p_1',
  service: 'payments',
  environment: 'qa',
  version: 'v2',
  digest: 'sha256:0',
  requestedBy: 'ana\r\nConveyor-Approved-By: ana',
  approvedBy: ['ben\u2028x'],
  reason: 'because\n\nConveyor-Promotion: p_2',
  createdAt: new Date(0),
};

describe('a commit message', () => {
  it('lets nobody slip a trailer in', () => {
    const message = composeMessage(promotion, []);

    expect(message.split('\n\n').at(-1)).toBe(
      'Conveyor-Promotion: p_1\nConveyor-Digest: sha256:0\nConveyor-Requested-By: ana Conveyor-Approved-By: ana\nConveyor-Approved-By: ben x',
    );
    expect(isCommitOf('p_2', message)).toBe(false);
    expect(isCommitOf('p_1', message)).toBe(true);
  });

  it.each([
    ['in the subject', 'Conveyor-Promotion: p_1', false],
    ['in the middle', 'x\n\nConveyor-Promotion: p_1\n\nend', false],
    ['as part of a word', 'x\n\nConveyor-Promotion: p_10', false],
    ['in prose', 'x\n\nsee Conveyor-Promotion: p_1', false],
    ['in other case, with CRLF', 'x\r\n\r\nconveyor-promotion: p_1\r\nA: b\r\n', true],
  ])('counts only as a trailer: %s', (_, message, own) => {
    expect(isCommitOf('p_1', message)).toBe(own);
  });

  it('shortens full git SHAs in the subject only', () => {
    const [before, after] = ['a'.repeat(40), 'b'.repeat(40)];
    const changes = [{ path: 'a b/c.yaml', key: 'image.tag', line: 3, before, after }];

    const message = composeMessage({ ...promotion, version: after }, changes);

    expect(message).toMatch(/^promote\(qa\): payments a{12} -> b{12}\n/);
    expect(changesIn(message)).toEqual(changes);
  });
});

describe('previewEdits', () => {
  it('shows each line before and after, bound to git’s own blob id', () => {
    const text = 'hello: v1\n';
    const snapshot = { head: 'h', files: new Map([['a.yaml', text]]), commits: [] };

    expect(previewEdits(snapshot, [{ path: 'a.yaml', key: 'hello', value: 'v2' }])).toEqual({
      head: 'h',
      changes: [
        { path: 'a.yaml', key: 'hello', line: 1, before: 'v1', after: 'v2', blob: blobId(text) },
      ],
    });
    // `printf hello | git hash-object --stdin`
    expect(blobId('hello')).toBe('b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0');
  });
});
