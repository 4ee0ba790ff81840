import { expect, it } from 'vitest';
import { expandTemplate } from './support/expand-template.ts';
import { FILES, jobsOf, load } from './support/pipelines.ts';

const parameters = [
  { name: 'language', values: ['go', 'node'] },
  { name: 'path', default: '.' },
];

const of = (value: string) => `\${{ ${value} }}`;

it('puts parameters in place, as they are', () => {
  const odd = `it's ${of('parameters.language')} $(x)`;

  expect(
    expandTemplate(
      {
        parameters,
        jobs: [{ env: { A: of('parameters.path'), B: `x/${of('parameters.language')}` } }],
      },
      { language: 'go', path: odd },
    ),
  ).toEqual({ jobs: [{ env: { A: odd, B: 'x/go' } }] });
});

it('repeats and leaves out', () => {
  const template = {
    parameters,
    list: [
      'first',
      {
        [of("each one in split('a,b-c', ',')")]: [
          { name: of("replace(one, '-', '_')"), [of("if ne(one, 'a')")]: { extra: of('one') } },
        ],
      },
      { [of("if eq(parameters.language, 'node')")]: ['node only'] },
    ],
  };

  expect(expandTemplate(template, { language: 'go' })).toEqual({
    list: ['first', { name: 'a' }, { name: 'b_c', extra: 'b-c' }],
  });
  expect(expandTemplate(template, { language: 'node' }).list).toContain('node only');
});

it.each<[string, Record<string, string>, string]>([
  ['a value that is not in the list', { language: 'rust' }, 'must be one of go, node'],
  ['a parameter that is missing', {}, 'language must be given'],
  [
    'a parameter that does not exist',
    { language: 'go', tag: 'latest' },
    'there is no parameter tag',
  ],
])('refuses %s', (_, given, says) => {
  expect(() => expandTemplate({ parameters, jobs: [] }, given)).toThrow(says);
});

it.each([
  ["format('{0}', parameters.path)", 'function format is not known'],
  ['variables.tag', 'name variables.tag is not known'],
  ['1 + 1', 'cannot read'],
])('stops at what it does not know: %s', (expression, says) => {
  expect(() => expandTemplate({ parameters, a: of(expression) }, { language: 'go' })).toThrow(says);
});

it('makes a stage of each environment, all but dev started by somebody', () => {
  const { stages } = expandTemplate(load(FILES.tarball.azure), {
    service: 'relay',
    language: 'none',
    cliPackage: './x.tgz',
    cliSha256: 'x',
  }) as { stages: { stage: string; displayName: string; trigger?: string }[] };

  expect(stages.map(({ stage, displayName, trigger }) => [stage, displayName, trigger])).toEqual([
    ['build', 'Build', undefined],
    ['dev', 'dev', undefined],
    ['qa', 'qa', 'manual'],
    ['prod_wealth', 'prod-wealth', 'manual'],
  ]);
});

it('names no approval and no environment of Azure, as Conveyor asks', () => {
  for (const { raw } of jobsOf(load(FILES.tarball.azure), 'tarball')) {
    expect(raw).not.toHaveProperty('environment');
    expect(JSON.stringify(raw)).not.toMatch(/ManualValidation|ManualIntervention/);
  }
});
