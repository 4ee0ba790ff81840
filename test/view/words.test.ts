import { describe, expect, it } from 'vitest';
import { StatusReply } from '../../lambdas/board/contract.ts';
import { nearest } from '../../lambdas/domain/nearest.ts';
import { executionUrl, stsEndpoint } from '../../lambdas/domain/partition.ts';
import { PromotionState } from '../../lambdas/domain/promotion.ts';
import { progressLines, resultLine } from '../../lambdas/view/progress-lines.ts';
import { promotionView, waitingWords } from '../../lambdas/view/promotion-view.ts';
import { statusText } from '../../lambdas/view/status-text.ts';
import { statusView } from '../../lambdas/view/status-view.ts';
import { ageWords, leftWords, momentWords, shortAge } from '../../lambdas/view/time-words.ts';
import { actorWords, bytesWords, listWords, stateLook } from '../../lambdas/view/words.ts';
import { status } from '../cli/canned.ts';
import { config, digests, now, promoted, sample } from './sample.ts';

const before = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();

it.each([
  [0, 'just now', '0s'],
  [59, '59 s ago', '59s'],
  [60, '1 min ago', '1m'],
  [7_199, '1 h ago', '1h'],
  [200_000, '2 d ago', '2d'],
  [-30, 'just now', '0s'],
])('%i s ago is told as %s and %s', (seconds, long, short) => {
  expect([ageWords(before(seconds), now), shortAge(before(seconds), now)]).toEqual([long, short]);
});

it.each([
  [-1, 'less than a minute'],
  [1, 'none'],
  [-90, '1 min'],
  [-7_080, '1 h 58 min'],
  [-200_000, '2 d 7 h'],
])('%i s left is told as %s', (seconds, words) => {
  expect(leftWords(before(seconds), now)).toBe(words);
});

it('tells moments with their zone, bytes as registries bill them, and lists as people do', () => {
  expect(momentWords('2026-11-21T09:05:00Z')).toBe('Sat 21 Nov 09:05 UTC');
  expect([0, 999, 1_500, 412_345_678, 2e15].map(bytesWords)).toEqual([
    '0 B',
    '999 B',
    '1.5 kB',
    '412 MB',
    '2000 TB',
  ]);
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((list) => listWords(list))).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
});

it('tells who asked, as far as it is known', () => {
  expect(actorWords({ automatic: 'sweep' })).toBe('Conveyor (sweep)');
  expect(actorWords({ principal: 'arn:aws:sts::1:assumed-role/ci/build-7' })).toBe(
    'assumed-role/ci/build-7',
  );
  expect(actorWords(sample().requestedBy, config)).toBe('Raj Patel');
  expect(actorWords({ principal: 'x', person: 'constructor' } as never, { people: {} })).toBe(
    'constructor',
  );
});

it('shows no two states of different meaning alike: a mark and a word beside every colour', () => {
  for (const state of PromotionState.options)
    expect(stateLook(state)).toMatchObject({ word: state, mark: expect.stringMatching(/^.$/u) });
});

it('says why something waits', () => {
  expect(waitingWords(promotionView(sample(), config))).toBe(
    'approval: 1 more of Li Wei or Tom Becker, until Sun 22 Nov 13:01 UTC',
  );
  expect(
    waitingWords(promotionView(sample({ state: 'queued', because: 'behind p_1' }), config)),
  ).toBe('behind p_1');
  expect(waitingWords(promotionView(sample({ state: 'copying' }), config))).toBeUndefined();
});

describe('the last line about a promotion', () => {
  const awaits = (state: string) => ({
    steps: { ...promoted().steps, observe: { ...promoted().steps.observe, awaits: state } },
  });
  it.each([
    [
      promoted(),
      'done: payments 1042 runs in prod-wealth. Undo: conveyor rollback payments prod-wealth',
    ],
    [
      promoted(awaits('manual sync')),
      'done: the Ledger says payments 1042 for prod-wealth; Argo CD waits for a person to sync. Undo: conveyor rollback payments prod-wealth',
    ],
    [
      promoted(awaits('unobserved')),
      'done: the Ledger says payments 1042 for prod-wealth; nobody looked whether it runs. Undo: conveyor rollback payments prod-wealth',
    ],
    [
      sample({ state: 'rejected', because: 'Ana Ferreira: not today.' }),
      'rejected: Ana Ferreira: not today. payments stays at 1038 in prod-wealth. Next: conveyor why payments prod-wealth',
    ],
    [
      sample({ state: 'failed', previous: undefined }),
      'failed. payments has nothing yet in prod-wealth. Next: conveyor why payments prod-wealth',
    ],
    [
      promoted({ state: 'failed' }),
      'failed. The Ledger already says payments 1042 for prod-wealth. Next: conveyor why payments prod-wealth',
    ],
    [
      promoted({ state: 'rolled back' }),
      'rolled back. payments stays at 1038 in prod-wealth. Next: conveyor why payments prod-wealth',
    ],
  ])('claims only what was observed: %#', (promotion, line) => {
    expect(resultLine(promotion)).toBe(line);
  });

  it('tells each outcome of copy and ledger apart', () => {
    const at = '2026-11-21T15:02:45Z';
    const copy = { at, manifests: 1, blobsCopied: 0, blobsSkipped: 3, bytes: 0 };
    const told = ['copied', 'already-present', 'same-place'].map(
      (outcome) => progressLines(sample({ steps: { copy: { ...copy, outcome } } }))[0]?.text,
    );
    expect(new Set(told).size).toBe(3);
    const ledger = ['committed', 'already-committed', 'already-so', 'not-committed'].map(
      (outcome) =>
        progressLines(sample({ steps: { ledger: { at, outcome, changes: [] } } }))[0]?.text,
    );
    expect(new Set(ledger).size).toBe(4);
  });
});

const drifting = {
  instance: 'i-00000000000000001',
  state: 'running',
  version: '1040',
  since: '2026-03-01T12:00:00.000Z',
};

describe('a cell of the status', () => {
  const cell = (change: object) => {
    const services = [
      {
        service: 'payments',
        cells: [{ ...status.services[0]?.cells[1], environment: 'qa', ...change }],
      },
    ];
    return statusView(
      StatusReply.parse({ ...status, services, environments: ['qa'], yours: [] }),
      now,
    );
  };
  const seen = (change: object) => ({
    observed: { sync: 'Synced', health: 'Healthy', images: [], ...change },
  });
  it.each<[string, object, string | undefined, number]>([
    ['all is well', {}, undefined, 0],
    ['the digest runs', seen({ images: [`x@${digests.new}`] }), undefined, 0],
    ['nothing is known of images', seen({}), undefined, 0],
    ['something else runs', seen({ images: ['x/payments:1041'] }), 'drift', 1],
    [
      'Argo CD has not synced',
      seen({ sync: 'OutOfSync', images: ['x/payments:1041'] }),
      'awaits sync',
      1,
    ],
    [
      'a host runs something else',
      { hosts: { all: 5, current: 4, off: 0, others: [drifting] } },
      'on 4/5 hosts',
      1,
    ],
    [
      'its hosts run it, but one is off',
      { hosts: { all: 5, current: 4, off: 1, others: [] } },
      '4/5, 1 off',
      0,
    ],
    ['its hosts run it', { hosts: { all: 5, current: 5, off: 0, others: [] } }, '5/5', 0],
    ['it is not healthy', seen({ health: 'Degraded' }), 'Degraded', 1],
    ['it rolls out', seen({ health: 'Progressing' }), undefined, 0],
    ['something failed since', { lastFailure: sample({ state: 'failed' }) }, '1042 failed', 1],
    ['somebody said no', { lastFailure: sample({ state: 'rejected' }) }, '1042 rejected', 0],
    [
      'something could come',
      { available: { version: '1043', digest: digests.old } },
      'next 1043',
      0,
    ],
    [
      'something is on its way',
      { running: sample({ state: 'copying' }), queued: [sample(), sample()] },
      '-> 1042 copying +2 queued',
      0,
    ],
  ])('when %s', (_, change, note, needs) => {
    const view = cell(change);
    expect([view.rows[0]?.cells[0]?.note, view.needs.length]).toEqual([note, needs]);
  });

  it('has words also for nothing at all', () => {
    expect(statusText({ environments: [], rows: [], needs: [] })).toBe('No service is configured.');
    expect(statusText(cell({}))).toContain('Nothing needs you.');
    expect(statusText({ ...cell({}), needs: ['a', 'b', 'c', 'd', 'e'] })).toMatch(
      /5 need you: a, b, c, and 2 more$/,
    );
  });
});

it('knows the hosts of each partition', () => {
  expect(
    ['eu-west-1', 'cn-north-1', 'us-gov-west-1'].map((region) => stsEndpoint(region).host),
  ).toEqual([
    'sts.eu-west-1.amazonaws.com',
    'sts.cn-north-1.amazonaws.com.cn',
    'sts.us-gov-west-1.amazonaws.com',
  ]);
  expect(
    executionUrl('arn:aws:states:eu-west-1:111111111111:execution:promote:p_1"><x'),
  ).toBeUndefined();
});

it.each([
  ['paymnets', 'payments'],
  ['prod-weath', 'prod-wealth'],
  ['QA', 'qa'],
  ['stratgey', 'strategy'],
  ['zebra', undefined],
  ['', undefined],
])('takes %s for %s', (typed, meant) => {
  expect(nearest(typed, ['payments', 'qa', 'prod-wealth', 'strategy'])).toBe(meant);
});
