import { App, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Conveyor, ConveyorEnvironment, readConfig } from '../infra/index.ts';
import type { EnvironmentName } from '../lambdas/domain/names.ts';

const app = new App();
const config = readConfig(app.node.tryGetContext('config') ?? 'conveyor.yaml');
const removalPolicy =
  app.node.tryGetContext('removal') === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

const tools = new Stack(app, 'Conveyor', {
  env: config.tools,
  description: 'Conveyor: promotes artifacts between AWS accounts',
});
new Conveyor(tools, 'Conveyor', { config, removalPolicy });

for (const [name, { account, region }] of Object.entries(config.environments)) {
  const environment = name as EnvironmentName;
  const stack = new Stack(app, `ConveyorEnvironment-${name}`, {
    env: { account, region },
    description: `Conveyor: the environment ${name}`,
  });
  new ConveyorEnvironment(stack, 'Environment', { config, environment, removalPolicy });
}

Tags.of(app).add('app', 'conveyor');
Tags.of(app).add('managed-by', 'cdk');
if (app.node.tryGetContext('nag') === 'on')
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
