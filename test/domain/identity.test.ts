import { describe, expect, it } from 'vitest';
import { ConveyorConfig } from '../../lambdas/domain/config.ts';
import { mayDecide, personOf } from '../../lambdas/domain/identity.ts';
import { PersonName } from '../../lambdas/domain/names.ts';
import { config, sample } from '../view/sample.ts';

const session = 'arn:aws:sts::111111111111:assumed-role/person-li/li@forge.example';

function known(principals: Record<string, string[]>) {
  return {
    people: Object.fromEntries(
      Object.entries(principals).map(([name, list]) => [
        name,
        { name, email: 'x@y.example', principals: list },
      ]),
    ),
  };
}

describe('the person of a principal', () => {
  it.each<[string, string, boolean]>([
    ['a role means any session of it', 'arn:aws:iam::111111111111:role/person-li', true],
    ['a role with a path too', 'arn:aws:iam::111111111111:role/team/platform/person-li', true],
    ['a session, in full', session, true],
    ['a session that begins so', 'arn:aws:sts::111111111111:assumed-role/person-li/li*', true],
    ['any session of one role', 'arn:aws:sts::111111111111:assumed-role/person-li/*', true],
    ['not a role of another account', 'arn:aws:iam::222222222222:role/person-li', false],
    ['not a role of another partition', 'arn:aws-cn:iam::111111111111:role/person-li', false],
    ['not a role that only begins so', 'arn:aws:iam::111111111111:role/person', false],
    ['not a role by wildcard', 'arn:aws:iam::111111111111:role/person*', false],
    ['not this very role with a wildcard', 'arn:aws:iam::111111111111:role/person-li*', false],
    ['not what only contains a role', 'x arn:aws:iam::111111111111:role/person-li', false],
    ['not every session of an account', 'arn:aws:sts::111111111111:assumed-role/*', false],
    ['not every role that begins so', 'arn:aws:sts::111111111111:assumed-role/person*', false],
    ['not another session', 'arn:aws:sts::111111111111:assumed-role/person-li/tom', false],
    ['not a user of that name', 'arn:aws:iam::111111111111:user/person-li', false],
  ])('%s', (_, pattern, is) => {
    expect(personOf(known({ li: [pattern] }) as never, session)).toBe(is ? 'li' : undefined);
  });

  it('is a user, in full', () => {
    const user = 'arn:aws:iam::111111111111:user/li';
    expect(personOf(known({ li: [user] }) as never, user)).toBe('li');
  });

  it('is nobody when two people match, and one person when two of their patterns do', () => {
    const role = 'arn:aws:iam::111111111111:role/person-li';
    expect(
      personOf(known({ li: [role], ana: [`${session.slice(0, -8)}*`] }) as never, session),
    ).toBeUndefined();
    expect(personOf(known({ li: [role, session], ana: [] }) as never, session)).toBe('li');
  });

  it('is nobody for root and for what is no ARN', () => {
    const li = ['arn:aws:iam::111111111111:role/person-li', `${session}*`];
    for (const principal of [
      'arn:aws:iam::111111111111:root',
      '',
      '*',
      `${session}/more`,
      `x ${session}`,
    ])
      expect(personOf(known({ li }) as never, principal)).toBeUndefined();
  });
});

describe('who may decide (T14)', () => {
  const li = PersonName.parse('li');
  const requesters = {
    self: { principal: session, person: 'li' },
    another: { principal: 'arn:aws:sts::111111111111:assumed-role/person-raj/raj', person: 'raj' },
    unknown: { principal: 'arn:aws:sts::111111111111:assumed-role/ci/build' },
    conveyor: { automatic: 'intake' },
  };
  const bool = [true, false];
  const every = bool.flatMap((approver) =>
    bool.flatMap((voted) =>
      bool.flatMap((selfApproval) =>
        bool.flatMap((waits) =>
          (Object.keys(requesters) as (keyof typeof requesters)[]).map((requester) => ({
            approver,
            voted,
            selfApproval,
            waits,
            requester,
          })),
        ),
      ),
    ),
  );

  it.each(every)(
    'approver $approver, voted $voted, selfApproval $selfApproval, waits $waits, asked by $requester',
    (given) => {
      const policy = ConveyorConfig.parse({
        ...config,
        sweep: { every: '15m' },
        // Read already, so that its durations are numbers; who may decide is no matter of services.
        services: {},
        groups: {
          ...config.groups,
          'platform-engineers': given.approver ? ['ana', 'li', 'tom'] : ['ana', 'tom'],
        },
        environments: {
          ...config.environments,
          'prod-wealth': {
            ...config.environments[sample().environment],
            approval: { approvers: 'platform-engineers', selfApproval: given.selfApproval },
          },
          qa: { account: '333333333333', region: 'us-east-1' },
        },
      });
      const votes = given.voted
        ? [{ person: 'li', decision: 'approve', at: '2026-11-21T13:40:10Z', via: 'cli' }]
        : [];
      const promotion = sample({
        requestedBy: requesters[given.requester],
        state: given.waits ? 'awaiting approval' : 'copying',
        steps: { ...sample().steps, approval: { ...sample().steps.approval, votes } },
      });

      const answer = mayDecide(promotion, li, policy);

      // The rule, said once more and otherwise: whoever is asked, once, in time, and provably not for themselves.
      const ownersKnown =
        given.selfApproval || given.requester === 'another' || given.requester === 'conveyor';
      expect(answer.allowed).toBe(given.approver && !given.voted && given.waits && ownersKnown);
      if (!answer.allowed) expect(answer.because.length).toBeGreaterThan(10);
    },
  );

  it('is never nobody', () => {
    expect(mayDecide(sample(), undefined, config)).toEqual({
      allowed: false,
      because: 'nobody in conveyor.yaml, under people:, has this principal',
    });
  });

  it('is who has not answered, whoever else has', () => {
    const { approval } = sample().steps;
    const votes = [{ person: 'tom', decision: 'approve', at: '2026-11-21T13:40:10Z', via: 'cli' }];
    const answered = sample({ steps: { ...sample().steps, approval: { ...approval, votes } } });

    expect(mayDecide(answered, li, config)).toEqual({ allowed: true });
    expect(mayDecide(answered, PersonName.parse('tom'), config)).toEqual({
      allowed: false,
      because: 'tom has answered already',
    });
  });

  it('is nobody where no approval is configured, or none was asked, or the environment is gone', () => {
    for (const environment of ['dev', 'gone'])
      expect(mayDecide(sample({ environment }), li, config)).toEqual({
        allowed: false,
        because: `${environment} has no approval in conveyor.yaml`,
      });
    expect(mayDecide(sample({ steps: {} }), li, config)).toMatchObject({ allowed: false });
  });
});
