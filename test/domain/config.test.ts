import { describe, expect, it } from 'vitest';
import { approversOf, type ConveyorConfig, checkReferences } from '../../lambdas/domain/config.ts';
import { shop } from '../promote/shop.ts';

/** Every object has a member of this name, and it is a legal name for people, groups and environments. */
const INHERITED = 'constructor' as never;

const changed = (change: Partial<ConveyorConfig>): ConveyorConfig => ({ ...shop(), ...change });
const withApprovers = (approvers: unknown, minimum = 1) =>
  shop({ prod: { approval: { approvers, minimum } } });
const messages = (config: ConveyorConfig) => checkReferences(config).map(({ message }) => message);

describe('references of a configuration', () => {
  it('all lead somewhere in a good one', () => {
    expect(checkReferences(shop())).toEqual([]);
  });

  it.each<[string, ConveyorConfig, string]>([
    [
      'a member of a group whom nobody declared',
      changed({ groups: { engineers: [INHERITED], leads: [] } as never }),
      'nobody under people: is called constructor',
    ],
    ['a group that nobody declared', withApprovers(INHERITED), 'no group is called constructor'],
    [
      'an approver whom nobody declared',
      withApprovers([INHERITED]),
      'nobody under people: is called constructor',
    ],
    [
      'a stage that nobody declared',
      changed({
        services: {
          payments: { ...shop().services['payments' as never], stages: [INHERITED] },
        } as never,
      }),
      'no environment is called constructor',
    ],
    [
      'more approvals than people, one of them named twice',
      withApprovers(['ana', 'ana'], 2),
      '2 approvals are asked of 1 people',
    ],
  ])('name %s', (_, config, message) => {
    expect(messages(config)).toContainEqual(expect.stringContaining(message));
  });

  it('take no inherited member for a group', () => {
    const approval = withApprovers(INHERITED).environments['prod' as never]?.approval;

    expect(approversOf(shop(), approval as never)).toEqual([]);
  });
});
