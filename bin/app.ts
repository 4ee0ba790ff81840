import { App, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Conveyor, ConveyorEnvironment, readConfig } from '../infra/index.ts';
import { InvalidConfiguration } from '../lambdas/domain/errors.ts';

const app = new App();
const config = configured(app.node.tryGetContext('config'));
const removalPolicy =
  app.node.tryGetContext('removal') === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

const tools = new Stack(app, 'Conveyor', {
  env: config.tools,
  description: 'Conveyor: promotes artifacts between AWS accounts',
});
new Conveyor(tools, 'Conveyor', { config, removalPolicy });

for (const [name, { account, region }] of Object.entries(config.environments)) {
  const stack = new Stack(app, `ConveyorEnvironment-${name}`, {
    env: { account, region },
    description: `Conveyor: the environment ${name}`,
  });
  new ConveyorEnvironment(stack, 'Environment', { config, environment: name, removalPolicy });
}

Tags.of(app).add('app', 'conveyor');
Tags.of(app).add('managed-by', 'cdk');
if (app.node.tryGetContext('nag') === 'on') {
  // cdk-nag itself reads deprecated properties; what this app deprecates shows in every other synth.
  process.env['JSII_DEPRECATED'] ??= 'quiet';
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
app.synth();

/** A mistake in conveyor.yaml is told in its own words; a stack trace would bury them. */
function configured(file: string): ReturnType<typeof readConfig> {
  try {
    return readConfig(file);
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    process.stderr.write(`${error.message}\n${error.fix ?? ''}\n`);
    process.exit(1);
  }
}
