import { describe, expect, it } from 'vitest';
import { type Decision, decide, type Facts, type Policy } from '../../lambdas/domain/decide.ts';
import { ana, li, mei, tom } from '../promote/shop.ts';
import {
  ask,
  asking,
  EARLIER,
  end,
  facts,
  NOW,
  proceed,
  round,
  vote,
  waiting,
} from './decide-facts.ts';

describe('approval', () => {
  const rule = asking.approval as NonNullable<Policy['approval']>;
  const with_ = (change: Partial<typeof rule>): Policy => ({
    ...asking,
    approval: { ...rule, ...change },
  });

  it.each<[string, Policy, Partial<Facts>, Decision]>([
    ['is asked', asking, {}, ask('approval needed')],
    [
      'is not asked where it is optional and unwanted',
      with_({ required: false }),
      {},
      proceed('promoted in qa', 'no approval needed'),
    ],
    [
      'is asked where it is optional and wanted',
      with_({ required: false }),
      { approvalWanted: true },
      ask('approval needed'),
    ],
    [
      'is never asked of who asked for it',
      asking,
      { requester: li },
      ask('approval needed', [ana, tom]),
    ],
    [
      'is asked of them too where the policy allows it',
      with_({ selfApproval: true }),
      { requester: li },
      ask('approval needed'),
    ],
    [
      'is refused where nobody knows who asked',
      asking,
      { requester: undefined as never },
      end(
        'refused',
        'who asked is nobody under people:, so that one’s own approval could not be told from another’s',
      ),
    ],
    [
      'is asked of all where Conveyor itself asked',
      asking,
      { requester: undefined as never, automatic: true },
      ask('approval needed'),
    ],
    [
      'is refused where too few are left',
      with_({ minimum: 3 }),
      { requester: li },
      end('refused', '3 approvals are needed and only 2 may give them'),
    ],
    [
      'is asked of exactly as many as are needed',
      with_({ minimum: 2 }),
      { requester: li },
      ask('approval needed', [ana, tom], 2),
    ],
    [
      'counts a person named twice once',
      with_({ approvers: [ana, ana], minimum: 2 }),
      {},
      end('refused', '2 approvals are needed and only 1 may give them'),
    ],
    [
      'given goes on, saying by whom',
      with_({ minimum: 2 }),
      { approval: round({ votes: [vote(ana), vote(tom)] }) },
      proceed('promoted in qa', 'approved by ana, tom'),
    ],
    [
      'given in time counts when it is looked at late',
      asking,
      { approval: round({ votes: [vote(ana)], expiresAt: EARLIER }) },
      proceed('promoted in qa', 'approved by ana'),
    ],
    [
      'lacks the rest',
      with_({ minimum: 2 }),
      { approval: round({ votes: [vote(ana)] }) },
      ask('1 of 2 approved', [ana, li, tom], 2),
    ],
    [
      'is not given twice by one',
      with_({ minimum: 2 }),
      { approval: round({ votes: [vote(ana), vote(ana)] }) },
      ask('1 of 2 approved', [ana, li, tom], 2),
    ],
    [
      'of strangers and of the requester counts nothing',
      asking,
      { requester: li, approval: round({ votes: [vote(mei), vote(li)] }) },
      ask('0 of 1 approved', [ana, tom]),
    ],
    [
      'refused by one ends it, with the note',
      with_({ minimum: 2 }),
      { approval: round({ votes: [vote(ana), vote(li, 'reject', 'not today')] }) },
      end('rejected', 'li rejected: not today'),
    ],
    [
      'refused without a note ends it all the same',
      asking,
      { approval: round({ votes: [vote(li, 'reject')] }) },
      end('rejected', 'li rejected'),
    ],
    [
      'refused by a stranger is not',
      asking,
      { approval: round({ votes: [vote(mei, 'reject')] }) },
      ask('0 of 1 approved'),
    ],
    [
      'ends when its time is over',
      asking,
      { approval: round({ expiresAt: NOW.toISOString() }) },
      end('expired', '0 of 1 approved in time'),
    ],
    [
      'that expired stays so, whatever is said then',
      asking,
      { approval: round({ state: 'expired', votes: [vote(ana)] }) },
      end('expired', 'nobody decided in time'),
    ],
    [
      'for something else is asked anew, however many gave it',
      asking,
      { approval: round({ shown: 'sha256:before', votes: [vote(ana), vote(li)] }) },
      ask('what was shown has changed: asked anew'),
    ],
    [
      'that is void is asked anew',
      asking,
      { approval: round({ state: 'void', votes: [vote(ana)] }) },
      ask('what was shown has changed: asked anew'),
    ],
    [
      'makes way while it is awaited and a rollback waits, under any strategy',
      { ...asking, strategy: 'every' },
      { waiting: [...waiting('40'), ...waiting('41', 'rollback')] },
      end('superseded', 'a rollback to 41 waits (p_41); ask again after it'),
    ],
    [
      'does not once it is given',
      asking,
      { waiting: waiting('41', 'rollback'), approval: round({ votes: [vote(ana)] }) },
      proceed('promoted in qa', 'approved by ana'),
    ],
    [
      'of one rollback does not make way for another',
      asking,
      { kind: 'rollback', waiting: waiting('41', 'rollback') },
      ask('approval needed'),
    ],
    [
      'is no matter once something newer waits',
      asking,
      { waiting: waiting('43'), approval: round({ votes: [vote(ana)] }) },
      end('superseded', '43 is newer and waits (p_43); the strategy is latest'),
    ],
  ])('%s', (_, policy, change, decision) => {
    expect(decide(policy, { ...facts, ...change }, NOW)).toEqual(decision);
  });
});
