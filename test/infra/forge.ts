import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Conveyor, ConveyorEnvironment, readConfig } from '../../infra/index.ts';
import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import type { EnvironmentName } from '../../lambdas/domain/names.ts';

// CloudFormation's own rules take seconds; `nag.test.ts` runs a whole synth with them.
process.env.CDK_VALIDATION = 'false';

export const forge = readConfig('examples/forge/conveyor.yaml');
export const environmentNames = Object.keys(forge.environments) as EnvironmentName[];

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shapes
  readonly Properties: any;
}

export interface Synthesised {
  readonly tools: Template;
  readonly environments: Readonly<Record<string, Template>>;
}

/** The stacks of `bin/app.ts`, with the feature flags of `cdk.json`. */
export function synthesise(config: ConveyorConfig = forge): Synthesised {
  const outdir = mkdtempSync(join(tmpdir(), 'conveyor-cdk-'));
  const app = new App({ outdir, context: JSON.parse(readFileSync('cdk.json', 'utf8')).context });
  const tools = new Stack(app, 'Conveyor', { env: config.tools });
  new Conveyor(tools, 'Conveyor', { config });
  const environments = Object.entries(config.environments).map(([name, { account, region }]) => {
    const stack = new Stack(app, `ConveyorEnvironment-${name}`, { env: { account, region } });
    new ConveyorEnvironment(stack, 'Environment', {
      config,
      environment: name as EnvironmentName,
    });
    return [name, stack] as const;
  });
  const templates = environments.map(([name, stack]) => [name, Template.fromStack(stack)] as const);
  const synthesised = {
    tools: Template.fromStack(tools),
    environments: Object.fromEntries(templates),
  };
  rmSync(outdir, { recursive: true });
  return synthesised;
}

export function resources(template: Template, type?: string): ReadonlyMap<string, Resource> {
  const all = Object.entries(template.toJSON().Resources as Record<string, Resource>);
  return new Map(all.filter(([, resource]) => type === undefined || resource.Type === type));
}

export function only(template: Template, type: string, where: (r: Resource) => boolean): Resource {
  const found = [...resources(template, type).values()].filter(where);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} resources of type ${type}`);
  return found[0];
}

/** Of `{Ref}` and `{Fn::GetAtt}`, the logical id; of texts, also joined ones, the text. */
export function named(value: unknown): string {
  if (typeof value === 'string') return value;
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': joined,
  } = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (Ref === 'AWS::URLSuffix') return 'amazonaws.com';
  if (Ref !== undefined) return Ref;
  if (joined !== undefined) return joined[1].map(named).join(joined[0]);
  if (attribute?.[0] !== undefined) return attribute[0];
  throw new Error(`Not a name: ${JSON.stringify(value)}`);
}
