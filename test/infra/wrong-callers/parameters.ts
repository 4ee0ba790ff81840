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
        'update-ledger',
      ],
      'argocd/token': ['api', 'observe-argocd'],
      'slack/webhook': ['finish-promotion', 'mend-line'],
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

    it('the configuration is read by who decides by it, and changed by nobody (T3, T10)', () => {
      const deciding = [
        ...['api', 'check-gates', 'decision-page', 'finish-promotion', 'image-pushed', 'mend-line'],
        ...['observe-argocd', 'plan-sweep', 'request-approval', 'sweep-source', 'update-ledger'],
        ...['object-uploaded', 'copy-tarball', 'retain-releases', 'deploy-hosts'],
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
