import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FILES, jobsOf, KINDS, load } from './support/pipelines.ts';
import { scriptsOf } from './support/script-rules.ts';
import { findActionlint, findShellcheck } from './support/tools.ts';

const WORKFLOWS = [
  FILES.image.github,
  FILES.tarball.github,
  'examples/service-starter/.github/workflows/release.yml',
];

describe('actionlint', { timeout: 60_000 }, () => {
  let actionlint: string;

  beforeAll(() => {
    actionlint = findActionlint();
  });

  const lint = (text: string) => {
    const { stdout, stderr } = spawnSync(actionlint, ['-no-color', '-oneline', '-'], {
      input: text,
      encoding: 'utf8',
    });
    return stdout + stderr;
  };

  it.each(WORKFLOWS)('has nothing to say about %s', (file) => {
    expect(lint(readFileSync(file, 'utf8'))).toBe('');
  });

  it.each([
    [
      'a spliced value',
      'run: |\n',
      'run: |\n          echo $' + '{{ github.head_ref }}\n',
      /potentially untrusted/,
    ],
    [
      'an input that is not there',
      'inputs.language }}',
      'inputs.lang }}',
      /property "lang" is not defined/,
    ],
    ['a permission that is none', 'id-token: write', 'id-token: admin', /"admin" is invalid/],
  ])('would find %s', (_, from, to, says) => {
    const text = readFileSync(FILES.image.github, 'utf8');
    expect(text).toContain(from);

    expect(lint(text.replace(from, to))).toMatch(says);
  });
});

describe('shellcheck', { timeout: 60_000 }, () => {
  let shellcheck: string;

  beforeAll(() => {
    shellcheck = findShellcheck();
  });

  const check = (script: string) =>
    spawnSync(shellcheck, ['--shell=bash', '--severity=style', '--format=gcc', '-'], {
      input: script,
      encoding: 'utf8',
    }).stdout;

  const scripts = KINDS.flatMap((kind) =>
    scriptsOf(jobsOf(load(FILES[kind].azure), kind)).map(({ name, script }) => ({
      kind,
      name,
      script,
    })),
  );

  it.each(scripts)('has nothing to say about "$name" of the $kind', ({ script }) => {
    expect(check(script)).toBe('');
  });

  it('has nothing to say about the stand-ins', () => {
    expect(check(readFileSync('test/ci/support/stand-in.bash', 'utf8'))).toBe('');
  });

  it('would find what is not quoted', () => {
    const push = scripts.find(({ name }) => name === 'Push, sign, tag')?.script ?? '';

    expect(check(push.replace('push "$LAYOUT_DIRECTORY"', 'push $LAYOUT_DIRECTORY'))).toContain(
      'SC2086',
    );
  });
});
