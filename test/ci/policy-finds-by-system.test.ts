import { expect, it } from 'vitest';
import { changed, job, type Open, rewrite, step } from './support/change.ts';
import { findBreaches } from './support/find-breaches.ts';

const checkout = (document: Open) => (job(document, 'build').steps as Open[])[0] as Open;
const firstParameter = (document: Open) => (document.parameters as Open[])[0] as Open;

it.each<[what: string, change: (document: Open) => void, breach: RegExp]>([
  [
    'an open list',
    (d) => {
      delete firstParameter(d).values;
    },
    /no list of values/,
  ],
  [
    'a longer list',
    (d) => {
      (firstParameter(d).values as string[]).push('none');
    },
    /parameter language takes/,
  ],
  [
    'an object as parameter',
    (d) => {
      (d.parameters as Open[]).push({ name: 'context2', type: 'stepList', default: [] });
    },
    /is a stepList/,
  ],
  [
    'a macro in a script',
    (d) =>
      rewrite(
        step(d, 'Scan the source'),
        'set -euo pipefail\n',
        'set -euo pipefail\necho "$(date)"\n',
      ),
    /takes for a macro/,
  ],
  [
    'steps that command the agent',
    (d) => {
      delete step(d, 'Build and test').target;
    },
    /commands to the agent/,
  ],
  [
    'a connection that can be chosen',
    (d) => {
      (step(d, 'Push, sign, tag').inputs as Open).awsCredentials = '$(connection)';
    },
    /can be chosen/,
  ],
  [
    'a job that loads what the pipeline says',
    (d) => {
      delete job(d, 'publish').variables;
    },
    /takes what is loaded first from its pipeline/,
  ],
  [
    'another task',
    (d) => {
      step(d, 'Push, sign, tag').task = 'Docker@2';
    },
    /uses the task Docker@2/,
  ],
  [
    'git’s credentials left behind',
    (d) => {
      checkout(d).persistCredentials = true;
    },
    /credentials of git/,
  ],
])('%s, as Azure has it', (_, change, breach) => {
  expect(findBreaches(changed('image', 'azure', change), 'image', 'azure').join('\n')).toMatch(
    breach,
  );
});

it.each<[what: string, change: (document: Open) => void, breach: RegExp]>([
  [
    'an action by its tag',
    (d) => {
      checkout(d).uses = 'actions/checkout@v7';
    },
    /which can change/,
  ],
  [
    'git’s credentials left behind',
    (d) => {
      delete checkout(d).with;
    },
    /credentials of git/,
  ],
  [
    'more permissions',
    (d) => {
      (job(d, 'publish').permissions as Open).packages = 'write';
    },
    /has packages: write/,
  ],
  [
    'the caller’s permissions',
    (d) => {
      delete job(d, 'build').permissions;
    },
    /permissions of its caller/,
  ],
  [
    'permissions for all jobs',
    (d) => {
      d.permissions = { contents: 'write' };
    },
    /permissions of its own/,
  ],
  [
    'a stored secret',
    (d) => {
      (step(d, 'Push, sign, tag').env as Open).KEY = '$' + '{{ secrets.KEY }}';
    },
    /stored secret/,
  ],
  [
    'secrets of the caller',
    (d) => {
      ((d.on as Open).workflow_call as Open).secrets = {};
    },
    /secrets of its caller/,
  ],
  [
    'another shell',
    (d) => {
      step(d, 'Scan the source').shell = 'sh';
    },
    /does not say its shell/,
  ],
])('%s, as GitHub has it', (_, change, breach) => {
  expect(findBreaches(changed('image', 'github', change), 'image', 'github').join('\n')).toMatch(
    breach,
  );
});
