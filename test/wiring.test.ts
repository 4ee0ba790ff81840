import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { placeholderOf, placeholders } from '../infra/support/asl-machine.ts';
import { entryPoints } from '../infra/support/bundle.ts';
import { named, resources, synthesise } from './infra/forge.ts';
import { sources } from './sources.ts';
import { definitions } from './statemachines/definitions.ts';

const entries = [...entryPoints().keys()];
const infra = sources('infra');
const { tools } = synthesise();
const functions = resources(tools, 'AWS::Lambda::Function');

it('instantiates every *.lambda.ts once, under the name of its file', () => {
  const wired = infra.flatMap(({ text }) =>
    [...text.matchAll(/new LambdaFn\([^{]*\{[^}]*?\bname: '([^']+)'/g)].map(([, name]) => name),
  );

  expect(wired.sort()).toEqual([...entries].sort());
  expect([...functions.values()].map(({ Properties }) => Properties.FunctionName).sort()).toEqual(
    entries.map((name) => `conveyor-${name}`).sort(),
  );
});

it('gives function, role and log lines the same name', () => {
  const roles = [...resources(tools, 'AWS::IAM::Role').entries()];
  for (const [, { Properties }] of functions) {
    const role = roles.find(([id]) => id === named(Properties.Role))?.[1];
    expect(role?.Properties.RoleName).toBe(Properties.FunctionName);
    expect(`conveyor-${Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME}`).toBe(
      Properties.FunctionName,
    );
  }
});

describe.each(definitions.map(({ name }) => name))('machine %s', (name) => {
  const machine = [...resources(tools, 'AWS::StepFunctions::StateMachine').values()].find(
    ({ Properties }) => Properties.StateMachineName === `conveyor-${name}`,
  );
  const definition = readFileSync(`statemachines/${name}.asl.json`, 'utf8');

  it('is deployed as its file says', () => {
    expect(machine?.Properties.DefinitionString).toBe(definition);
  });

  it('has each placeholder bound to the function of that name', () => {
    const bound = Object.entries(machine?.Properties.DefinitionSubstitutions).map(
      ([placeholder, value]) => {
        const fn = functions.get(named(value))?.Properties.FunctionName;
        return [placeholder, placeholderOf(fn.replace(/^conveyor-/, ''))];
      },
    );

    expect(bound.map(([placeholder]) => placeholder).sort()).toEqual(
      [...placeholders(definition)].sort(),
    );
    for (const [placeholder, expected] of bound) expect(placeholder).toBe(expected);
  });

  it('waits for each function at least as long as that may run', () => {
    for (const { name: of, States } of definitions)
      if (of === name)
        for (const [state, { Arguments, TimeoutSeconds, Resource }] of Object.entries(States)) {
          const placeholder = /\$\{(\w+)\}/.exec(String(Arguments?.FunctionName))?.[1];
          if (placeholder === undefined || Resource?.endsWith('.waitForTaskToken')) continue;
          const id = named(machine?.Properties.DefinitionSubstitutions[placeholder]);
          expect(TimeoutSeconds, state).toBeGreaterThanOrEqual(
            functions.get(id)?.Properties.Timeout,
          );
        }
  });
});

it('has a machine for every definition, and no other', () => {
  expect(
    [...resources(tools, 'AWS::StepFunctions::StateMachine').values()]
      .map(({ Properties }) => Properties.StateMachineName)
      .sort(),
  ).toEqual(definitions.map(({ name }) => `conveyor-${name}`).sort());
});
