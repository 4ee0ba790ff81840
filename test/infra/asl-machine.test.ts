import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, it, vi } from 'vitest';
import { AslMachine, placeholderOf } from '../../infra/support/asl-machine.ts';
import { LambdaFn } from '../../infra/support/lambda-fn.ts';
import { named } from './forge.ts';
import { actionsOf, resourcesOf, rightsOf } from './policies.ts';

vi.setConfig({ testTimeout: 30_000 });

const FUNCTIONS = ['plan-sweep', 'sweep-source', 'mend-line', 'sweep-hosts'];
const removalPolicy = RemovalPolicy.DESTROY;

function machine(names: readonly string[], others: readonly string[] = []) {
  const stack = new Stack(new App(), 'Test', {
    env: { account: '111111111111', region: 'us-east-1' },
  });
  const make = (name: string) =>
    new LambdaFn(stack, placeholderOf(name), { name, description: name, removalPolicy });
  const functions = names.map(make);
  others.forEach(make);
  new AslMachine(stack, 'Machine', {
    name: 'sweep',
    functions,
    key: new Key(stack, 'Key'),
    runbook: 'sweep-failed',
    alarmAction: new SnsAction(new Topic(stack, 'Topic')),
    removalPolicy,
  });
  return { stack, functions };
}

it('refuses at synth when a placeholder of the definition is bound to nothing, and names it', () => {
  expect(() => machine(['plan-sweep', 'sweep-source', 'sweep-hosts'])).toThrow(
    /Not bound: MendLineArn/,
  );
});

it('refuses at synth when a function is given that the definition does not call, and names it', () => {
  expect(() => machine([...FUNCTIONS, 'take-turn'])).toThrow(/bound but not used: TakeTurnArn/);
});

it('may call exactly the functions that its definition names', () => {
  const { stack, functions } = machine(FUNCTIONS, ['take-turn']);
  const template = Template.fromStack(stack);

  const invoking = rightsOf(template, 'conveyor-machine-sweep').filter((statement) =>
    actionsOf(statement).some((action) => action.startsWith('lambda:')),
  );

  expect(invoking.flatMap(actionsOf)).toEqual(['lambda:InvokeFunction']);
  expect(invoking.flatMap(resourcesOf).sort()).toEqual(
    functions.map((fn) => named(stack.resolve(fn.arn))).sort(),
  );
});

it('spells a placeholder after the file of its function', () => {
  expect(['verify-image', 'api', 'observe-argocd'].map(placeholderOf)).toEqual([
    'VerifyImageArn',
    'ApiArn',
    'ObserveArgocdArn',
  ]);
});
