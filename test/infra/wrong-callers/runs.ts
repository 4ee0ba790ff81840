import { describe, it } from 'vitest';
import {
  arn,
  byRole,
  functionRole,
  holds,
  ordinary,
  powerful,
  ROLES,
  roleArn,
  services,
  TOOLS,
} from '../callers.ts';
import type { World } from '../world.ts';

export function runs(world: World): void {
  const everybody = [...ordinary(world), ...powerful(ROLES), ...services];
  describe('of what runs', () => {
    const functions = [
      'take-turn',
      'park-turn',
      'check-gates',
      'request-approval',
      'copy-image',
      'verify-image',
      'copy-tarball',
      'verify-tarball',
      'deploy-hosts',
      'update-ledger',
      'observe-argocd',
      'finish-promotion',
      'plan-sweep',
      'sweep-source',
      'mend-line',
      'sweep-hosts',
      'image-pushed',
      'object-uploaded',
      'provision',
      'ingress',
      'retain-releases',
      'expire-approval',
      'decision-page',
      'api',
    ];
    const fn = (name: string) => arn('lambda', `function:conveyor-${name}`);
    const machine = (name: string) => arn('states', `stateMachine:conveyor-${name}`);

    it('a function is called by its own machine, rule or alarm, and by its URL where it has one (T1)', () => {
      const steps: Record<string, readonly string[]> = {
        [functionRole('machine-promote')]: functions.slice(0, 12),
        [functionRole('machine-sweep')]: functions.slice(12, 16),
        [functionRole('machine-provision')]: ['provision'],
        [roleArn(TOOLS, 'ConveyorApprovalAlarmRole7ECF3931')]: ['expire-approval'],
      };
      const rules: Readonly<Record<string, string>> = {
        [arn('events', 'rule/ConveyorIntakePushes49286948')]: 'image-pushed',
        [arn('events', 'rule/ConveyorStoreUploads369CE270')]: 'object-uploaded',
        [arn('events', 'rule/ConveyorIntakeIngressUploadsADC4275A')]: 'object-uploaded',
        [arn('events', 'rule/ConveyorSweepRetention6767CB44')]: 'retain-releases',
      };

      holds(
        world,
        {
          callers: everybody,
          actions: [
            'lambda:InvokeFunction',
            'lambda:UpdateFunctionCode',
            'lambda:AddPermission',
            'lambda:GetFunction',
          ],
          resources: functions.map(fn),
          contexts: [
            {},
            ...Object.keys(rules).flatMap((rule) => [
              { 'aws:SourceArn': rule },
              { 'aws:SourceArn': `${rule}2` },
            ]),
          ],
          right: ({ principal, action, resource, context }) =>
            action === 'lambda:InvokeFunction' &&
            ((steps[principal]?.map(fn).includes(resource) ?? false) ||
              (principal === 'events.amazonaws.com' &&
                resource === fn(rules[context?.['aws:SourceArn'] ?? ''] ?? ''))),
        },
        (12 + 4 + 1 + 1) * 9 + 4,
      );
    });

    it('page and ingress are open to who has their address, the API to nobody of another account (T1, T4)', () => {
      const byUrl = { 'lambda:InvokedViaFunctionUrl': 'true' };
      const callers = [
        ...ordinary(world).filter(({ principal }) => !/machine|AlarmRole/.test(principal)),
        ...powerful(ROLES),
      ];

      holds(
        world,
        {
          callers,
          actions: ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'],
          resources: ['decision-page', 'ingress', 'api', 'update-ledger'].map(fn),
          contexts: [
            {},
            byUrl,
            { 'lambda:FunctionUrlAuthType': 'NONE' },
            { 'lambda:FunctionUrlAuthType': 'AWS_IAM' },
          ],
          right: ({ principal, rights, action, resource, context }) => {
            if (![fn('decision-page'), fn('ingress')].includes(resource)) return false;
            const open =
              action === 'lambda:InvokeFunctionUrl'
                ? context?.['lambda:FunctionUrlAuthType'] === 'NONE'
                : context?.['lambda:InvokedViaFunctionUrl'] === 'true';
            // Between accounts a signed caller needs its own side's leave too; who signs nothing does not.
            return open && (principal.includes(`:${TOOLS}:`) || rights !== undefined);
          },
        },
        4 *
          callers.filter(({ principal, rights }) => principal.includes(`:${TOOLS}:`) || rights)
            .length,
      );
    });

    it('promotions are started, woken and looked at by those who must, stopped by nobody (T1, T18)', () => {
      const starts = [
        ...['api', 'finish-promotion', 'image-pushed', 'object-uploaded', 'mend-line'],
        'sweep-source',
        'sweep-hosts',
      ];
      const wakes = [
        ...starts,
        'decision-page',
        'expire-approval',
        'park-turn',
        'request-approval',
      ];
      const execution = arn('states', 'execution:conveyor-promote:p_01');
      const right = byRole(
        Object.fromEntries(
          wakes.map((name) => [
            name,
            ['states:SendTaskSuccess', ...(starts.includes(name) ? ['states:StartExecution'] : [])],
          ]),
        ),
      );
      const [changes = ''] = [...world.identities.keys()].filter((name) =>
        name.includes('ProvisionMachineEventsRole'),
      );
      const [schedule = ''] = [...world.identities.keys()].filter((name) =>
        name.includes('SweepMachineEventsRole'),
      );

      holds(
        world,
        {
          callers: everybody,
          actions: [
            'StartExecution',
            'SendTaskSuccess',
            'SendTaskFailure',
            'DescribeExecution',
            'StopExecution',
            'GetExecutionHistory',
            'UpdateStateMachine',
            'RedriveExecution',
          ].map((action) => `states:${action}`),
          resources: [...['promote', 'sweep', 'provision', 'promote2'].map(machine), execution],
          right: (call) =>
            (call.resource === machine('promote') && right(call)) ||
            (call.resource === execution &&
              call.action === 'states:DescribeExecution' &&
              call.principal === functionRole('mend-line')) ||
            (call.resource === machine('sweep') &&
              call.action === 'states:StartExecution' &&
              call.principal === schedule) ||
            (call.resource === machine('provision') &&
              call.action === 'states:StartExecution' &&
              [changes, functionRole('api')].includes(call.principal)),
        },
        starts.length + wakes.length + 4,
      );
    });

    it('alarms are set by who asks, taken back by who ends, and ring by one role, passed to the scheduler (T13)', () => {
      const schedules = ['p_01-1', 'x', '../default/p_01'].map((name) =>
        arn('scheduler', `schedule/conveyor-alarms/${name}`),
      );
      const alarmRole = roleArn(TOOLS, 'ConveyorApprovalAlarmRole7ECF3931');
      const other = [functionRole('machine-promote'), roleArn(TOOLS, 'Admin')];
      const right = byRole({
        'request-approval': ['scheduler:CreateSchedule'],
        'finish-promotion mend-line': ['scheduler:DeleteSchedule'],
      });

      holds(
        world,
        {
          callers: everybody,
          actions: [
            'scheduler:CreateSchedule',
            'scheduler:DeleteSchedule',
            'scheduler:UpdateSchedule',
            'iam:PassRole',
          ],
          resources: [
            ...schedules,
            arn('scheduler', 'schedule/default/p_01-1'),
            alarmRole,
            ...other,
          ],
          contexts: ['scheduler', 'lambda', 'states'].map((name) => ({
            'iam:PassedToService': `${name}.amazonaws.com`,
          })),
          right: (call) =>
            (call.resource === schedules[0] && right(call)) ||
            (call.action === 'iam:PassRole' &&
              call.resource === alarmRole &&
              call.principal === functionRole('request-approval') &&
              call.context?.['iam:PassedToService'] === 'scheduler.amazonaws.com'),
        },
        3 * 3 + 1,
      );
    });
  });
}
