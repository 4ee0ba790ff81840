import { expect, it } from 'vitest';
import { FILES, load, type Mapping } from './support/pipelines.ts';

interface Situation {
  readonly github: { readonly ref: string; readonly event_name: string };
  readonly inputs: { readonly environment: string; readonly sha: string };
}

type Outcome = 'success' | 'failure' | 'skipped' | 'cancelled';

/**
 * GitHub's conditions are JavaScript as far as ours go. Without a status function a job waits for the success of all
 * that it needs. https://docs.github.com/actions/reference/workflows-and-actions/expressions
 */
function runs(
  job: Mapping,
  situation: Situation,
  before: Readonly<Record<string, Outcome>>,
): boolean {
  const needs = [job.needs ?? []].flat() as string[];
  const condition = String(job.if ?? 'true');
  const own = /\b(?:always|cancelled|failure|success)\(/.test(condition);
  if (!own && needs.some((one) => before[one] !== 'success')) return false;
  const outcomes = Object.fromEntries(needs.map((one) => [one, { result: before[one] }]));
  return new Function('github', 'inputs', 'needs', 'cancelled', `return ${condition}`)(
    situation.github,
    situation.inputs,
    outcomes,
    () => Object.values(before).includes('cancelled'),
  ) as boolean;
}

/** Which jobs run, if those in `failing` do not succeed. */
function play(
  file: string,
  situation: Situation,
  failing: Readonly<Record<string, Outcome>> = {},
): string[] {
  const outcomes: Record<string, Outcome> = {};
  for (const [id, job] of Object.entries(load(file).jobs as Record<string, Mapping>))
    outcomes[id] = runs(job, situation, outcomes) ? (failing[id] ?? 'success') : 'skipped';
  return Object.keys(outcomes).filter((id) => outcomes[id] !== 'skipped');
}

const on = (ref: string, event_name: string, environment = 'dev', sha = ''): Situation => ({
  github: { ref: `refs/heads/${ref}`, event_name },
  inputs: { environment, sha },
});

it.each<[string, Situation, Record<string, Outcome>, string[]]>([
  ['a push to main builds, pushes, deploys', on('main', 'push'), {}, ['build', 'push', 'deploy']],
  ['a failed build is the end', on('main', 'push'), { build: 'failure' }, ['build']],
  ['a failed push is the end', on('main', 'push'), { push: 'failure' }, ['build', 'push']],
  ['a cancelled push is the end', on('main', 'push'), { push: 'cancelled' }, ['build', 'push']],
  [
    'another environment deploys what there is',
    on('main', 'workflow_dispatch', 'qa'),
    {},
    ['deploy'],
  ],
  [
    'an older commit is not built again',
    on('main', 'workflow_dispatch', 'dev', 'a'.repeat(40)),
    {},
    ['deploy'],
  ],
  ['another branch is built only', on('feature', 'push'), {}, ['build']],
  ['a pull request is built only', on('main', 'pull_request'), {}, ['build']],
  ['another branch deploys nothing', on('feature', 'workflow_dispatch', 'qa'), {}, []],
])('of a tarball: %s', (_, situation, failing, jobs) => {
  expect(play(FILES.tarball.github, situation, failing)).toEqual(jobs);
});

it.each<[string, Situation, Record<string, Outcome>, string[]]>([
  ['a push to main builds and publishes', on('main', 'push'), {}, ['build', 'publish']],
  ['a failed build is the end', on('main', 'push'), { build: 'failure' }, ['build']],
  ['another branch is built only', on('feature', 'push'), {}, ['build']],
  ['a pull request is built only', on('main', 'pull_request'), {}, ['build']],
])('of an image: %s', (_, situation, failing, jobs) => {
  expect(play(FILES.image.github, situation, failing)).toEqual(jobs);
});
