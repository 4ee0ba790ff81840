import { describe, it } from 'vitest';
import {
  byRole,
  holds,
  made,
  ordinary,
  powerful,
  ROLES,
  STRANGER,
  services,
  TOOLS,
} from '../callers.ts';
import type { World } from '../world.ts';

const ACTIONS = [
  ...['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'],
  ...['CreateGrant', 'PutKeyPolicy', 'ScheduleKeyDeletion', 'DisableKey', 'GenerateMac'],
].map((action) => `kms:${action}`);
const [DECRYPT, DESCRIBE, ENCRYPT, DATA_KEY] = ACTIONS as [string, string, string, string];

const OPENS =
  'api decision-page expire-approval finish-promotion image-pushed mend-line object-uploaded sweep-hosts sweep-source';
const STARTS_OR_WAKES = `${OPENS} park-turn request-approval machine-promote`;
const WRITES =
  'api check-gates copy-image copy-tarball decision-page deploy-hosts finish-promotion image-pushed ingress mend-line object-uploaded observe-argocd park-turn provision request-approval sweep-hosts sweep-source take-turn update-ledger verify-image verify-tarball';

const machine = (name: string) => `arn:aws:states:us-east-1:${TOOLS}:stateMachine:conveyor-${name}`;
const via = (service: string) => ({ 'kms:ViaService': `${service}.amazonaws.com` });
const token = (value: string) => ({ 'kms:EncryptionContext:promotion': value });
const execution = (of: string) => ({ 'kms:EncryptionContext:aws:states:stateMachineArn': of });
const logs = (account: string) => ({
  'kms:EncryptionContext:SourceArn': `arn:aws:logs:us-east-1:${account}:*`,
});

/** What a use of the key is for, and by whom it may be: one key, so this is all that keeps the uses apart. */
const USES: readonly [
  string,
  Readonly<Record<string, string>>,
  ReturnType<typeof byRole>,
  number,
][] = [
  [
    'task tokens, opened by those who wake, sealed by two',
    token('p_01'),
    byRole({ [OPENS]: [DECRYPT], 'park-turn request-approval': [ENCRYPT] }),
    9 + 2,
  ],
  [
    'the table’s, by who uses the table, through DynamoDB',
    via('dynamodb.us-east-1'),
    byRole({
      'expire-approval retain-releases': [DECRYPT, DESCRIBE],
      [WRITES]: ACTIONS.slice(0, 6),
    }),
    2 * 2 + 21 * 6,
  ],
  [
    'the topics’, by who publishes, through SNS',
    via('sns.us-east-1'),
    byRole({ 'finish-promotion mend-line request-approval sweep-hosts': [DECRYPT, DATA_KEY] }),
    4 * 2,
  ],
  [
    'promotions’ executions, by who starts or wakes them',
    execution(machine('promote')),
    byRole({ [STARTS_OR_WAKES]: [DECRYPT, DATA_KEY] }),
    12 * 2,
  ],
  [
    'sweeps’ executions, by the machine itself',
    execution(machine('sweep')),
    byRole({ 'machine-sweep': [DECRYPT, DATA_KEY] }),
    2,
  ],
  [
    'runs of provisioning, by the machine itself and by who starts one for somebody',
    execution(machine('provision')),
    byRole({ 'api machine-provision': [DECRYPT, DATA_KEY] }),
    2 * 2,
  ],
  [
    'the machines’ logs',
    logs(TOOLS),
    byRole({ 'machine-promote machine-provision machine-sweep': [DATA_KEY] }),
    3,
  ],
];

export function key(world: World): void {
  describe('of the key', () => {
    const room = {
      callers: [...ordinary(world), ...powerful(ROLES)],
      actions: ACTIONS,
      resources: [made(world, 'kms', 'key/')],
    };

    for (const [what, context, right, count] of USES)
      it(`it encrypts ${what}, and no other (T9)`, () => {
        holds(world, { ...room, contexts: [context], right }, count);
      });

    it('it is used for nothing else, by no role and no account (T9)', () => {
      const contexts = [
        ...['s3', 'sqs', 'ssm', 'lambda', 'secretsmanager'].map((name) => via(`${name}.us-east-1`)),
        ...['dynamodb.eu-west-1', 'dynamodb.us-east-1.amazonaws.com.example'].map(via),
        ...[token(''), token('x'), { 'kms:EncryptionContext:other': 'p_01' }, {}],
        ...[execution(`${machine('promote')}2`), execution('x'), logs(STRANGER)],
      ];

      holds(world, { ...room, contexts, right: () => false }, 0);
    });

    it('it is used by alarms, to publish, and by the delivery of logs, and by no other service (T9)', () => {
      const callers = [...services, { principal: 'delivery.logs.amazonaws.com' }];
      const contexts = [{}, token('p_01'), { 'aws:SourceAccount': STRANGER }];

      holds(
        world,
        {
          ...room,
          callers,
          contexts,
          // Neither is bound to this account: the key policy names the services alone.
          right: ({ principal, action }) =>
            (principal === 'cloudwatch.amazonaws.com' && [DECRYPT, DATA_KEY].includes(action)) ||
            (principal === 'delivery.logs.amazonaws.com' && action === DECRYPT),
        },
        3 * 3,
      );
    });
  });
}
