import { describe, it } from 'vitest';
import { arn, functionRole, holds, ordinary, powerful, ROLES, services } from '../callers.ts';
import type { World } from '../world.ts';

export function parameters(world: World): void {
  const everybody = [...ordinary(world), ...powerful(ROLES), ...services];
  describe('of the parameters', () => {
    const parameter = (name: string) => arn('ssm', `parameter/conveyor/${name}`);
    const readers: Record<string, readonly string[]> = {
      'github/token': [
        'api',
        'check-gates',
        'decision-page',
        'deploy-hosts',
        'mend-line',
        'request-approval',
        'sweep-hosts',
        'update-ledger',
      ],
      'argocd/token': ['api', 'observe-argocd'],
      'slack/webhook': ['finish-promotion', 'mend-line', 'sweep-hosts'],
      'api/url': ['api'],
      'r2/access-key-id': ['copy-tarball', 'object-uploaded', 'retain-releases', 'sweep-source'],
      'r2/secret-access-key': [
        'copy-tarball',
        'object-uploaded',
        'retain-releases',
        'sweep-source',
      ],
      'r2/webhook': ['ingress'],
    };

    it('each secret is read by the functions that use it, and written by nobody (T10)', () => {
      holds(
        world,
        {
          callers: everybody,
          actions: [
            'GetParameter',
            'GetParameters',
            'GetParameterHistory',
            'PutParameter',
            'DeleteParameter',
            'GetParametersByPath',
          ].map((action) => `ssm:${action}`),
          resources: [...Object.keys(readers), 'github', 'github/token2', 'other'].map(parameter),
          right: ({ principal, action, resource }) =>
            action === 'ssm:GetParameter' &&
            Object.entries(readers).some(
              ([name, functions]) =>
                resource === parameter(name) && functions.map(functionRole).includes(principal),
            ),
        },
        Object.values(readers).flat().length,
      );
    });

    it('what provisioning is told and tells is for it alone, each environment’s apart (T9, T10)', () => {
      const names = ['dev', 'qa', 'prod-wealth'];
      const known = [...names, 'other'];
      const key = (name: string) => parameter(`provision-keys/${name}`);
      const desired = (name: string) => parameter(`provision/${name}`);
      const target = (name: string) => parameter(`targets/${name}/relay`);
      const rights = names.flatMap((name) => [
        `ssm:GetParametersByPath ${desired(name)}`,
        `ssm:GetParameter ${key(name)}`,
        `ssm:PutParameter ${key(name)}`,
        `ssm:PutParameter ${target(name)}`,
        `ssm:DeleteParameter ${target(name)}`,
      ]);

      holds(
        world,
        {
          callers: everybody,
          actions: ['GetParameter', 'GetParametersByPath', 'PutParameter', 'DeleteParameter'].map(
            (action) => `ssm:${action}`,
          ),
          // Of the forge’s services none declares a credential, so nobody may read any.
          resources: [
            ...known.flatMap((name) => [desired(name), key(name), target(name)]),
            ...['credentials/prod-wealth/relay', 'provision/dev/relay'].map(parameter),
          ],
          right: ({ principal, action, resource }) =>
            principal === functionRole('provision') && rights.includes(`${action} ${resource}`),
        },
        rights.length,
      );
    });

    it('the configuration is read by who decides by it, and changed by nobody (T3, T10)', () => {
      const deciding = [
        ...['api', 'check-gates', 'decision-page', 'finish-promotion', 'image-pushed', 'mend-line'],
        ...['observe-argocd', 'plan-sweep', 'request-approval', 'sweep-source', 'update-ledger'],
        ...['object-uploaded', 'copy-tarball', 'retain-releases', 'deploy-hosts', 'provision'],
        'sweep-hosts',
      ].map(functionRole);

      holds(
        world,
        {
          callers: everybody,
          actions: ['ssm:GetParametersByPath', 'ssm:PutParameter', 'ssm:DeleteParameters'],
          resources: ['config', 'config/0', ''].map(parameter),
          right: ({ principal, action, resource }) =>
            resource === parameter('config') &&
            action === 'ssm:GetParametersByPath' &&
            deciding.includes(principal),
        },
        deciding.length,
      );
    });
  });
}
