import { describe, expect, it } from 'vitest';
import { decideCall, type WorldCall } from './decide-call.ts';
import type { Statement } from './policies.ts';
import type { Identity, World } from './world.ts';

const HOME = '111111111111';
const AWAY = '222222222222';
const role = (account: string, name = 'caller') => `arn:aws:iam::${account}:role/${name}`;
const QUEUE = `arn:aws:sqs:us-east-1:${HOME}:queue`;
const KEY = `arn:aws:kms:us-east-1:${HOME}:key/key`;
const TARGET = role(HOME, 'target');

const allow = (Action: string, Resource?: string): Statement => ({
  Effect: 'Allow',
  Action,
  ...(Resource !== undefined && { Resource }),
});
const to = (AWS: string, statement: Statement): Statement => ({ ...statement, Principal: { AWS } });
const deny = (statement: Statement): Statement => ({ ...statement, Effect: 'Deny' });

function decide(
  call: WorldCall,
  policies: Readonly<Record<string, readonly Statement[]>>,
  identity: Identity,
) {
  const world: World = {
    identities: new Map([[call.principal, identity]]),
    policies: new Map(Object.entries(policies)),
    buckets: new Map(),
  };
  return decideCall(world, call);
}

/** IAM guide, "Policy evaluation logic": the table of both sides, for one role that sends to a queue. */
const SEND = allow('sqs:SendMessage', QUEUE);
const TABLE: [string, string, Statement[], Statement[], Statement[] | undefined, string][] = [
  ['within the account, by the caller’s side alone', HOME, [SEND], [], undefined, 'allowed'],
  [
    'within the account, by the queue’s side alone',
    HOME,
    [],
    [to(role(HOME), SEND)],
    undefined,
    'allowed',
  ],
  [
    'within the account, the queue naming the account only',
    HOME,
    [],
    [to(`arn:aws:iam::${HOME}:root`, SEND)],
    undefined,
    'denied',
  ],
  ['within the account, by neither side', HOME, [], [], undefined, 'denied'],
  ['between accounts, by the caller’s side alone', AWAY, [SEND], [], undefined, 'denied'],
  [
    'between accounts, by the queue’s side alone',
    AWAY,
    [],
    [to(role(AWAY), SEND)],
    undefined,
    'denied',
  ],
  [
    'between accounts, by both, the role named',
    AWAY,
    [SEND],
    [to(role(AWAY), SEND)],
    undefined,
    'allowed',
  ],
  [
    'between accounts, by both, the account named',
    AWAY,
    [SEND],
    [to(`arn:aws:iam::${AWAY}:root`, SEND)],
    undefined,
    'allowed',
  ],
  [
    'between accounts, another role named',
    AWAY,
    [SEND],
    [to(role(AWAY, 'other'), SEND)],
    undefined,
    'denied',
  ],
  [
    'against the caller’s own denial',
    HOME,
    [SEND, deny(SEND)],
    [to(role(HOME), SEND)],
    undefined,
    'explicitly denied',
  ],
  [
    'against the queue’s denial',
    HOME,
    [SEND],
    [to('*', deny(SEND))],
    undefined,
    'explicitly denied',
  ],
  ['within a boundary that allows it', HOME, [SEND], [], [allow('sqs:*', '*')], 'allowed'],
  ['beyond a boundary', HOME, [SEND], [], [allow('s3:*', '*')], 'denied'],
  [
    'against a boundary’s denial',
    HOME,
    [SEND],
    [],
    [allow('*', '*'), deny(SEND)],
    'explicitly denied',
  ],
];

describe('a call', () => {
  for (const [how, account, own, theirs, boundary, expected] of TABLE)
    it(`${how}: ${expected}`, () => {
      const call = { principal: role(account), action: 'sqs:SendMessage', resource: QUEUE };

      const identity = { statements: own, ...(boundary !== undefined && { boundary }) };

      expect(decide(call, { [QUEUE]: theirs }, identity)).toBe(expected);
    });

  it('to a role or key needs that side’s leave even within the account', () => {
    for (const [resource, action] of [
      [TARGET, 'sts:AssumeRole'],
      [KEY, 'kms:Decrypt'],
    ] as const) {
      const call = { principal: role(HOME), action, resource };
      const own = { statements: [allow(action, resource)] };
      const account = to(`arn:aws:iam::${HOME}:root`, allow(action));

      expect(decide(call, {}, own)).toBe('denied');
      expect(decide(call, { [resource]: [account] }, own)).toBe('allowed');
      expect(decide(call, { [resource]: [account] }, { statements: [] })).toBe('denied');
      expect(
        decide(call, { [resource]: [to(role(HOME), allow(action))] }, { statements: [] }),
      ).toBe('allowed');
    }
  });

  it('of a session is its role’s, whatever the session is called', () => {
    const session = (of: string, name: string) => `arn:aws:sts::${HOME}:assumed-role/${of}/${name}`;
    const policies = { [QUEUE]: [to(role(HOME), SEND)] };
    const send = (principal: string) =>
      decide({ principal, action: 'sqs:SendMessage', resource: QUEUE }, policies, {
        statements: [],
      });

    expect(send(session('caller', 'x'))).toBe('allowed');
    expect(send(session('other', 'caller'))).toBe('denied');
  });

  it('of a service is the resource’s to allow', () => {
    const principal = 'events.amazonaws.com';
    const call = { principal, action: 'sqs:SendMessage', resource: QUEUE };
    const policy: Statement = { ...SEND, Principal: { Service: principal } };

    expect(decide(call, { [QUEUE]: [policy] }, { statements: [] })).toBe('allowed');
    expect(decide(call, {}, { statements: [SEND] })).toBe('denied');
  });

  it('under a policy with anything unknown is not decided', () => {
    const call = { principal: role(HOME), action: 'sqs:SendMessage', resource: QUEUE };
    const odd: object[] = [
      { ...SEND, NotAction: 'sqs:DeleteQueue' },
      { ...SEND, NotPrincipal: { AWS: '*' } },
      { ...SEND, Principal: { Federated: 'cognito-identity.amazonaws.com' } },
      { ...SEND, Condition: { StringNotEquals: { 'aws:SourceAccount': HOME } } },
      { ...SEND, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
    ];
    for (const statement of odd)
      expect(() => decide(call, { [QUEUE]: [statement as Statement] }, { statements: [] })).toThrow(
        'does not know',
      );
  });
});
