import { describe, it } from 'vitest';
import { arn, byRole, holds, ordinary, powerful, ROLES, services } from '../callers.ts';
import type { WorldCall } from '../decide-call.ts';
import type { World } from '../world.ts';

export function data(world: World): void {
  const everybody = [...ordinary(world), ...powerful(ROLES), ...services];
  describe('of the table', () => {
    const table = arn('dynamodb', 'table/ConveyorFoundationTable1A03ED20');

    it('records are read and written by those who must, deleted by three, listed whole by none (T11)', () => {
      const [reads, writes] = [
        ['GetItem', 'Query'],
        ['GetItem', 'Query', 'PutItem'],
      ];
      const deletes = [...writes, 'DeleteItem'];
      const named = (actions: readonly string[]) => actions.map((action) => `dynamodb:${action}`);
      const right = byRole({
        'expire-approval retain-releases': named(reads),
        'api check-gates copy-image copy-tarball decision-page image-pushed observe-argocd':
          named(writes),
        'deploy-hosts object-uploaded park-turn provision verify-tarball': named(writes),
        'request-approval sweep-hosts sweep-source update-ledger verify-image': named(writes),
        'finish-promotion mend-line take-turn': named(deletes),
      });

      // The ingress counts and remembers what it was told; the rest of the table is none of its business.
      const counting = byRole({ ingress: named(['GetItem', 'PutItem']) });
      const counts = (call: WorldCall) =>
        counting(call) && /^[NW]#/.test(call.context?.['dynamodb:LeadingKeys'] ?? '');

      holds(
        world,
        {
          callers: everybody,
          actions: named([
            ...deletes,
            'UpdateItem',
            'Scan',
            'BatchWriteItem',
            'PartiQLDelete',
            'DeleteTable',
            'UpdateTable',
            'ExportTableToPointInTime',
            'PutResourcePolicy',
          ]),
          resources: [table, `${table}2`, `${table}/index/x`],
          contexts: ['S#payments', 'P#p_01', 'N#1f', 'W#twin'].map((partition) => ({
            'dynamodb:LeadingKeys': partition,
          })),
          right: (call) => call.resource === table && (right(call) || counts(call)),
        },
        4 * (2 * 2 + 17 * 3 + 3 * 4) + 2 * 2,
      );
    });
  });
}
