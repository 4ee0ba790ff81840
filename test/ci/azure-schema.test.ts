import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { expandTemplate } from './support/expand-template.ts';
import { FILES, GIVEN, KINDS, type Mapping } from './support/pipelines.ts';
import { azureSchema } from './support/tools.ts';

/** The schema takes every scalar as text, as the agent does. */
const texts = (file: string) =>
  parse(readFileSync(file, 'utf8'), { schema: 'failsafe' }) as Mapping;

/** aws-toolkit-azure-devops, src/tasks/AWSShellScript/task.json: the schema knows no tasks of the Marketplace. */
const AWS_SHELL_SCRIPT = {
  properties: {
    task: { const: 'AWSShellScript@1' },
    inputs: {
      properties: {
        awsCredentials: { type: 'string' },
        regionName: { type: 'string' },
        arguments: { type: 'string' },
        scriptType: { enum: ['filePath', 'inline'] },
        filePath: { type: 'string' },
        inlineScript: { type: 'string' },
        disableAutoCwd: { enum: ['true', 'false'] },
        workingDirectory: { type: 'string' },
        failOnStandardError: { enum: ['true', 'false'] },
      },
      additionalProperties: false,
      required: ['scriptType'],
    },
  },
  required: ['task', 'inputs'],
};

interface TaskSchema {
  readonly properties: { readonly task: { readonly anyOf: unknown[] } };
  readonly anyOf: unknown[];
}

// Compiling a schema of 1.6 MB takes its time.
describe('the published schema of Azure Pipelines', { timeout: 120_000 }, () => {
  let holds: ValidateFunction;

  beforeAll(() => {
    const schema = azureSchema();
    const { task } = schema.definitions as { task: TaskSchema };
    task.properties.task.anyOf.push({ enum: ['AWSShellScript@1'] });
    task.anyOf.push(AWS_SHELL_SCRIPT);
    // Its patterns escape more than the `u` flag lets them, and it has keywords for editors.
    holds = new Ajv({ strict: false, unicodeRegExp: false }).compile(schema);
  }, 300_000);

  it.each(KINDS)('accepts the template of the %s, as written and as expanded', (kind) => {
    const template = texts(FILES[kind].azure);

    expect(holds({ ...template, stages: [] }), 'parameters').toBe(true);
    expect(holds(expandTemplate(template, GIVEN[kind])), 'stages').toBe(true);
  });

  it('accepts the pipeline of the starter', () => {
    expect(holds(texts('examples/service-starter/azure-pipelines.yml'))).toBe(true);
  });

  it.each<[string, (job: Record<string, unknown>, steps: Record<string, unknown>[]) => void]>([
    ['a key that no job has', (job) => Object.assign(job, { timeout: '5' })],
    ['a step of no kind', (_, steps) => steps.push({ shell: 'true' })],
    [
      'a logging mode that is none',
      (_, steps) => Object.assign(steps[1] ?? {}, { target: { commands: 'some' } }),
    ],
    [
      'an input that the task has not',
      (_, steps) =>
        steps.push({ task: 'AWSShellScript@1', inputs: { scriptType: 'inline', script: 'true' } }),
    ],
    ['a task that is not known', (_, steps) => steps.push({ task: 'CraneCopy@1', inputs: {} })],
  ])('refuses %s', (_, spoil) => {
    const expanded = structuredClone(expandTemplate(texts(FILES.image.azure), GIVEN.image)) as {
      stages: { jobs: (Record<string, unknown> & { steps: Record<string, unknown>[] })[] }[];
    };
    const job = expanded.stages[0]?.jobs[0];
    if (job === undefined) throw new Error('the template has no job');

    spoil(job, job.steps);

    expect(holds(expanded)).toBe(false);
  });
});
