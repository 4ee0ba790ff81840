import { expect, it } from 'vitest';
import { findBreaches } from './support/find-breaches.ts';
import { EVERY, FILES, jobsOf, KINDS, load, type System } from './support/pipelines.ts';
import { scriptsOf } from './support/script-rules.ts';

it.each(EVERY)('the $system template of the $kind holds to the policy', ({ kind, system }) => {
  expect(findBreaches(load(FILES[kind][system]), kind, system)).toEqual([]);
});

it.each(KINDS)(
  'the two templates of the %s run the same scripts in steps of the same name',
  (kind) => {
    const scripts = (system: System) =>
      [
        ...new Set(
          scriptsOf(jobsOf(load(FILES[kind][system]), kind)).map(
            ({ name, script }) => `${name}\n${script}`,
          ),
        ),
      ].sort();

    expect(scripts('github')).toEqual(scripts('azure'));
  },
);
