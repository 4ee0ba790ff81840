import { expect, it } from 'vitest';
import { CROSSING, functionRole, tried } from './callers.ts';
import { synthesise } from './forge.ts';
import { actionsOf } from './policies.ts';
import { worldOf } from './world.ts';
import { betweenAccounts } from './wrong-callers/between-accounts.ts';
import { data } from './wrong-callers/data.ts';
import { environments } from './wrong-callers/environments.ts';
import { hosts } from './wrong-callers/hosts.ts';
import { key } from './wrong-callers/key.ts';
import { parameters } from './wrong-callers/parameters.ts';
import { runs } from './wrong-callers/runs.ts';
import { topics } from './wrong-callers/topics.ts';

const world = worldOf(synthesise());

it('looks at roles that the templates really have', () => {
  for (const name of CROSSING) expect(world.identities.has(functionRole(name))).toBe(true);
});

betweenAccounts(world);
environments(world);
hosts(world);
parameters(world);
data(world);
key(world);
topics(world);
runs(world);

it('leaves out no policy of the templates, and no action that they grant', () => {
  // Every function's own log and traces: nothing of Conveyor's is behind them.
  const granted = [...world.identities.values()]
    .flatMap(({ statements }) => statements.flatMap(actionsOf))
    .filter((action) => !/^(logs|xray):/.test(action));

  expect(granted.filter((action) => !tried.actions.has(action))).toEqual([]);
  expect([...world.policies.keys()].filter((arn) => !tried.resources.has(arn))).toEqual([]);
});
