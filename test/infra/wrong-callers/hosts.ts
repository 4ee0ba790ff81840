import { describe, it } from 'vitest';
import { accountOf, accounts, deployRole, holds, ordinary, powerful, ROLES } from '../callers.ts';
import type { World } from '../world.ts';

const OURS: readonly Readonly<Record<string, string>>[] = [
  { 'ssm:resourceTag/forge:dagster-enabled': 'true' },
  { 'ssm:resourceTag/wardnet:gateway-enabled': 'true' },
];
const OTHERS = [
  {},
  { 'ssm:resourceTag/forge:dagster-enabled': 'false' },
  { 'ssm:resourceTag/Name': 'dev-1' },
];

export function hosts(world: World): void {
  describe('the hosts of an environment', () => {
    const account = accountOf('dev');
    const document = (name: string) => `arn:aws:ssm:us-east-1:${account}:document/${name}`;
    const instance = `arn:aws:ec2:us-east-1:${account}:instance/i-0123456789abcdef0`;
    const callers = [
      ...ordinary(world),
      ...powerful(
        ROLES,
        accounts.filter((other) => other !== account),
      ),
    ];

    it('are sent Conveyor’s documents, by its deploy role alone, where they carry a service’s tag (T8, T13)', () => {
      const documents = ['Conveyor-DeployCompose', 'Conveyor-DeploySystemd'].map(document);
      const contexts = [...OURS, ...OTHERS];

      holds(
        world,
        {
          callers,
          actions: [
            ...['ssm:SendCommand', 'ssm:StartSession', 'ssm:CreateDocument', 'ssm:UpdateDocument'],
            ...['ec2:TerminateInstances', 'ec2:RunInstances', 'ec2:CreateTags'],
          ],
          resources: [
            ...documents,
            document('AWS-RunShellScript'),
            document('Conveyor-DeploySystemd2'),
            instance,
          ],
          contexts,
          right: ({ principal, action, resource, context = {} }) =>
            principal === deployRole('dev') &&
            action === 'ssm:SendCommand' &&
            (documents.includes(resource) ||
              (resource === instance &&
                OURS.some((tags) =>
                  Object.entries(tags).every(([key, value]) => context[key] === value),
                ))),
        },
        documents.length * contexts.length + OURS.length,
      );
    });

    it('are listed, and their commands followed, by its deploy role alone (T13)', () => {
      const actions = [
        'ec2:DescribeInstances',
        'ssm:CancelCommand',
        'ssm:DescribeInstanceInformation',
        'ssm:ListCommandInvocations',
        'ssm:ListCommands',
      ];

      holds(
        world,
        {
          callers,
          actions: [...actions, 'ssm:GetParameter', 'ssm:GetCommandInvocation'],
          resources: [`arn:aws:ssm:us-east-1:${account}:any`],
          right: ({ principal, action }) =>
            principal === deployRole('dev') && actions.includes(action),
        },
        actions.length,
      );
    });
  });
}
