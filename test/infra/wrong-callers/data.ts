import { describe, it } from 'vitest';
import { arn, byRole, holds, ordinary, powerful, ROLES, services } from '../callers.ts';
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
        'expire-approval': named(reads),
        'api check-gates copy-image decision-page image-pushed observe-argocd park-turn':
          named(writes),
        'request-approval sweep-source update-ledger verify-image': named(writes),
        'finish-promotion mend-line take-turn': named(deletes),
      });

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
          right: (call) => call.resource === table && right(call),
        },
        2 + 11 * 3 + 3 * 4,
      );
    });
  });
}
