import { expect, it } from 'vitest';
import { addParameter, changed, job, type Open, rewrite, step } from './support/change.ts';
import { findBreaches } from './support/find-breaches.ts';
import type { Kind } from './support/pipelines.ts';

const EXPRESSION = '$' + '{{ github.event.head_commit.message }}';

const CHANGES: readonly (readonly [
  what: string,
  kind: Kind,
  change: (document: Open) => void,
  breach: RegExp,
])[] = [
  ['a parameter for the tag', 'image', (d) => addParameter(d, 'tag'), /parameter tag is not one/],
  [
    'a parameter to skip a scan',
    'image',
    (d) => addParameter(d, 'skipScan'),
    /parameter skipScan is not one/,
  ],
  [
    'a parameter for the severity',
    'tarball',
    (d) => addParameter(d, 'severity'),
    /parameter severity is not one/,
  ],
  [
    'a tag from a parameter',
    'image',
    (d) => {
      (step(d, 'Push, sign, tag').env as Open).IMAGE_TAG = 'v1';
    },
    /the tag is v1/,
  ],
  [
    'a variable for the tag',
    'image',
    (d) => {
      job(d, 'publish').variables = { IMAGE_TAG: 'v1' };
    },
    /has variables of its own/,
  ],
  [
    'a tag set by a script',
    'image',
    (d) => rewrite(step(d, 'Push, sign, tag'), 'umask 077', 'IMAGE_TAG=v1'),
    /sets the tag/,
  ],
  [
    'a tag read by a script',
    'image',
    (d) => rewrite(step(d, 'Push, sign, tag'), 'umask 077', 'read -r IMAGE_TAG <x'),
    /sets the tag/,
  ],
  [
    'a second tag',
    'image',
    (d) =>
      rewrite(
        step(d, 'Push, sign, tag'),
        'read_tag\ncheck_tag\nfail',
        '"$crane" tag "$image@$digest" stable\nfail',
      ),
    /runs crane tag/,
  ],
  [
    'latest',
    'image',
    (d) => rewrite(step(d, 'Push, sign, tag'), '"$IMAGE_TAG"; then', 'latest; then'),
    /speaks of latest/,
  ],
  [
    'a push by docker',
    'image',
    (d) => rewrite(step(d, 'Build the image'), 'rm -rf', 'docker push x\nrm -rf'),
    /names an image in a way of its own/,
  ],
  [
    'a build that pushes',
    'image',
    (d) => rewrite(step(d, 'Build the image'), '--no-cache', '--push'),
    /names an image in a way of its own/,
  ],
  [
    'a scan whose failure passes',
    'image',
    (d) => rewrite(step(d, 'Scan the source'), '--no-progress', '--no-progress || true'),
    /lets a failure pass/,
  ],
  [
    'a scan that judges nothing',
    'image',
    (d) => rewrite(step(d, 'Scan the image'), ' --exit-code 1', ''),
    /without failing on what it finds/,
  ],
  [
    'a scan that is milder',
    'image',
    (d) => rewrite(step(d, 'Scan the image'), 'HIGH,CRITICAL', 'CRITICAL'),
    /without failing on what it finds/,
  ],
  [
    'a scan that ignores',
    'tarball',
    (d) => rewrite(step(d, 'Scan the source'), '--no-progress', '--ignore-unfixed'),
    /weakens a scan/,
  ],
  [
    'a scan left out',
    'image',
    (d) => rewrite(step(d, 'Scan the image'), /if ! [\s\S]*/, 'exit 0\n'),
    /the scan of the image is missing/,
  ],
  [
    'a scan after the build',
    'tarball',
    (d) => {
      const [scan, build] = [step(d, 'Scan the source'), step(d, 'Build and test')];
      const before = structuredClone(scan);
      Object.assign(scan, structuredClone(build));
      Object.assign(build, before);
    },
    /the build comes before the scan of the source/,
  ],
  [
    'a step that may fail',
    'image',
    (d) => {
      step(d, 'Scan the source').continueOnError = true;
    },
    /lets a failure pass/,
  ],
  [
    'a step that may fail, as GitHub says it',
    'image',
    (d) => {
      step(d, 'Scan the source')['continue-on-error'] = true;
    },
    /lets a failure pass/,
  ],
  [
    'a push that always runs',
    'image',
    (d) => {
      job(d, 'publish').condition = 'always()';
    },
    /runs on a condition of its own/,
  ],
  [
    'a push from any branch',
    'image',
    (d) => {
      job(d, 'publish').if = 'success()';
    },
    /runs on a condition of its own/,
  ],
  [
    'a step that runs after a failure',
    'image',
    (d) => {
      step(d, 'Push, sign, tag').condition = 'failed()';
    },
    /runs on a condition of its own/,
  ],
  [
    'an expression in a script',
    'tarball',
    (d) => rewrite(step(d, 'Deploy'), 'status=0', `echo "${EXPRESSION}"`),
    /template expression in its text/,
  ],
  [
    'a parameter outside of env',
    'image',
    (d) => {
      step(d, 'Check the parameters').workingDirectory = '$' + '{{ inputs.context }}';
    },
    /read outside of env/,
  ],
  [
    'a shell that goes on after a failure',
    'image',
    (d) => rewrite(step(d, 'Push, sign, tag'), 'set -euo pipefail', 'set -uo pipefail'),
    /does not begin with/,
  ],
  [
    'a shell that stops checking',
    'image',
    (d) => rewrite(step(d, 'Push, sign, tag'), 'umask 077', 'set +e'),
    /switches a safety/,
  ],
  [
    'a shell that prints everything',
    'image',
    (d) => rewrite(step(d, 'Push, sign, tag'), 'umask 077', 'set -x'),
    /prints what it runs/,
  ],
  [
    'a secret in the log',
    'image',
    (d) => rewrite(step(d, 'Push, sign, tag'), 'umask 077', 'echo "$REGISTRY_PASSWORD"'),
    /prints a secret/,
  ],
  [
    'the registry’s password in the log',
    'image',
    (d) => rewrite(step(d, 'Push, sign, tag'), 'umask 077', 'aws ecr get-login-password'),
    /password of the registry/,
  ],
  [
    'keys of AWS',
    'image',
    (d) => rewrite(step(d, 'Push, sign, tag'), 'umask 077', 'export AWS_ACCESS_KEY_ID=x'),
    /key of AWS/,
  ],
  [
    'the package of somebody else',
    'tarball',
    (d) => rewrite(step(d, 'Deploy'), /node "[^"]*"/, 'npx conveyor'),
    /from npm by its name/,
  ],
  [
    'credentials beside the application’s code',
    'image',
    (d) => {
      (job(d, 'publish').steps as Open[]).push(step(d, 'Build and test'));
    },
    /application's code beside credentials/,
  ],
  [
    'a scan that listens to variables',
    'image',
    (d) => rewrite(step(d, 'Scan the image'), 'done < <(compgen -e)', 'done </dev/null'),
    /keeps variables that it was not given/,
  ],
];

it.each(
  CHANGES.flatMap(([what, kind, change, breach]) =>
    (['azure', 'github'] as const).map((system) => ({ what, kind, system, change, breach })),
  ),
)('$what in the $system template of the $kind', ({ kind, system, change, breach }) => {
  expect(findBreaches(changed(kind, system, change), kind, system).join('\n')).toMatch(breach);
});
