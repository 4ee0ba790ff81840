import { describe, it } from 'vitest';
import {
  accountOf,
  accounts,
  CROSSING,
  deployRole,
  functionRole,
  holds,
  ordinary,
  powerful,
  ROLES,
  STRANGER,
  services,
  TOOLS,
} from '../callers.ts';
import { environmentNames } from '../forge.ts';
import type { World } from '../world.ts';

export function betweenAccounts(world: World): void {
  const everybody = [...ordinary(world), ...powerful(ROLES), ...services];
  describe('between the accounts', () => {
    for (const environment of environmentNames)
      it(`the deploy role of ${environment} is assumed by nine functions, under its own external id (T1)`, () => {
        const externalId = `conveyor:${TOOLS}:${environment}`;
        const resource = deployRole(environment);
        const administrator = powerful(['conveyor-copy-image-2', 'copy-image'], [TOOLS]);
        const ids = [
          externalId,
          `${externalId} `,
          `${externalId}*`,
          externalId.toUpperCase(),
          '',
          ...environmentNames.filter((e) => e !== environment).map((e) => `conveyor:${TOOLS}:${e}`),
          `conveyor:${accountOf(environment)}:${environment}`,
          `conveyor:${STRANGER}:${environment}`,
        ];

        holds(
          world,
          {
            callers: [...everybody, ...administrator],
            actions: ['sts:AssumeRole', 'sts:TagSession', 'sts:AssumeRoleWithWebIdentity'],
            resources: [resource],
            contexts: [{}, ...ids.map((id) => ({ 'sts:ExternalId': id }))],
            right: ({ principal, action, context }) =>
              action === 'sts:AssumeRole' &&
              CROSSING.map(functionRole).includes(principal) &&
              context?.['sts:ExternalId'] === externalId,
          },
          CROSSING.length,
        );
      });

    it('no role is assumed by anybody but the service it was made for (T1)', () => {
      const madeFor = (arn: string) => {
        if (arn.includes('ConveyorDeployRole')) return undefined;
        if (arn.includes('conveyor-machine-')) return 'states.amazonaws.com';
        if (arn.includes('EventsRole')) return 'events.amazonaws.com';
        return arn.includes('AlarmRole') ? 'scheduler.amazonaws.com' : 'lambda.amazonaws.com';
      };
      const roles = [...world.identities.keys()].filter((arn) => madeFor(arn) !== undefined);

      holds(
        world,
        {
          callers: [...everybody, ...powerful(['conveyor-api'], [TOOLS])],
          actions: ['sts:AssumeRole'],
          resources: roles,
          contexts: [{ 'aws:SourceAccount': TOOLS }],
          right: ({ principal, resource }) => principal === madeFor(resource),
        },
        roles.length,
      );
    });

    it('the alarm’s role is the scheduler’s in this account alone (T1)', () => {
      const [resource = ''] = [...world.identities.keys()].filter((arn) =>
        arn.includes('AlarmRole'),
      );

      holds(
        world,
        {
          callers: everybody,
          actions: ['sts:AssumeRole'],
          resources: [resource],
          contexts: [{}, ...[TOOLS, ...accounts].map((id) => ({ 'aws:SourceAccount': id }))],
          right: ({ principal, context }) =>
            principal === 'scheduler.amazonaws.com' && context?.['aws:SourceAccount'] === TOOLS,
        },
        1,
      );
    });

    it('the bus takes events from the environments that forward, of AWS’s own sources, and R2’s from the ingress (T2)', () => {
      const bus = `arn:aws:events:us-east-1:${TOOLS}:event-bus/conveyor`;
      const [forwarder = ''] = [...world.identities.keys()].filter(
        (arn) => arn.includes('PushesEventsRole') && arn.includes(accountOf('dev')),
      );
      const sources = ['aws.ecr', 'aws.s3', 'aws.ec2', 'conveyor', 'conveyor.r2', 'aws.ecr.x', ''];
      const environmentAccounts = new Set(environmentNames.map(accountOf));

      holds(
        world,
        {
          callers: everybody,
          actions: [
            'events:PutEvents',
            'events:PutRule',
            'events:PutPermission',
            'events:DeleteRule',
          ],
          resources: [bus, bus.replace('conveyor', 'default')],
          contexts: [{}, ...sources.map((source) => ({ 'events:source': source }))],
          right: ({ principal, rights, action, resource, context }) =>
            resource === bus &&
            action === 'events:PutEvents' &&
            (principal === functionRole('ingress')
              ? context?.['events:source'] === 'conveyor.r2'
              : ['aws.ecr', 'aws.s3'].includes(context?.['events:source'] ?? '')) &&
            ([forwarder, functionRole('ingress')].includes(principal) ||
              // Over there an administrator may; PutEvents itself refuses them AWS's sources.
              (rights !== undefined && environmentAccounts.has(principal.split(':')[4] ?? ''))),
        },
        everybody.filter(
          ({ principal, rights }) =>
            rights !== undefined && environmentAccounts.has(principal.split(':')[4] ?? ''),
        ).length *
          2 +
          2 +
          1,
      );
    });
  });
}
