import { SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { ACCOUNTS, REGION } from '../../../bin/twin/layout.ts';
import { allHistories } from '../../agreement/histories.ts';
import { ourDefinition, replay } from '../../agreement/replay.ts';
import { toolsClient, type Use } from './support.ts';

/** What has really run is what the simulation's interpreter says of it, call by call and state by state. */
export function conformance(use: Use): void {
  describe.each(['promote', 'sweep'])('every execution of %s so far', (machine) => {
    it('went as the interpreter goes through its history', async () => {
      const sfn = new SFNClient(toolsClient(use()));
      const arn = `arn:aws:states:${REGION}:${ACCOUNTS.tools}:stateMachine:conveyor-${machine}`;
      const definition = ourDefinition(machine);
      const histories = await allHistories(sfn, arn);

      const wrong: string[] = [];
      for (const { execution, events } of histories) {
        const { divergences } = await replay(definition, events);
        wrong.push(...divergences.map((divergence) => `${execution}: ${divergence}`));
      }

      expect(wrong).toEqual([]);
      if (machine === 'promote') expect(histories.length).toBeGreaterThan(0);
    });
  });
}
