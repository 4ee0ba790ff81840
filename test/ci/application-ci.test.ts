import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { played } from './support/pipelines.ts';
import {
  type Agent,
  calls,
  headOf,
  INSTALLS,
  newAgent,
  REVISION_DATE,
  type Run,
  runPipeline,
} from './support/run-pipeline.ts';

const APPLICATION = {
  Dockerfile: 'FROM scratch\n',
  'main.py': 'print("payments")\n',
  '.trivyignore': 'CVE-2026-0001\n',
};

const IMAGE = '222222222222.dkr.ecr.us-east-1.amazonaws.com/forge/payments';
const OTHER = `sha256:${'e'.repeat(64)}`;

const told = (agent: Agent, name: string, text = '') =>
  writeFileSync(join(agent.state, name), text);

describe.each(played('azure'))('the image template of %s', { timeout: 60_000 }, (system) => {
  const run = (agent: Agent, more: Partial<Run> = {}) =>
    runPipeline(agent, {
      kind: 'image',
      system,
      parameters: { language: 'python' },
      without: [...INSTALLS, 'Build and test'],
      ...more,
    });
  const verbs = (agent: Agent) =>
    calls(agent).map(({ tool, args }) => `${tool} ${args.slice(0, 2).join(' ')}`);
  const digestOf = (agent: Agent) => {
    const index = readFileSync(join(agent.temp, 'conveyor', 'layout', 'index.json'), 'utf8');
    return (JSON.parse(index) as { manifests: { digest: string }[] }).manifests[0]?.digest ?? '';
  };

  /** The two ends of a pipe begin in any order. */
  const shortened = (verb: string) =>
    /get-login-password|auth login/.test(verb)
      ? 'the two ends of the login'
      : verb.replace(/ [/].*| --.*/, '');

  it('scans, builds, scans, pushes by digest, signs, and tags last', () => {
    const agent = newAgent(APPLICATION);

    const ran = run(agent);

    expect(ran.filter(({ status }) => status !== 0)).toEqual([]);
    const digest = digestOf(agent);
    expect(verbs(agent).map(shortened)).toEqual([
      'trivy filesystem',
      'docker buildx create',
      'docker buildx build',
      'docker buildx rm',
      'trivy image',
      'trivy image',
      'aws ecr describe-images',
      'the two ends of the login',
      'the two ends of the login',
      'crane push',
      'cosign sign',
      'cosign attest',
      `crane tag ${IMAGE}@${digest}`,
      'aws ecr describe-images',
    ]);
    const to = (tool: string, verb: string) =>
      calls(agent).find((call) => call.tool === tool && call.args[0] === verb)?.args;
    expect(to('crane', 'push')?.at(-1)).toBe(`${IMAGE}@${digest}`);
    expect(to('cosign', 'sign')?.at(-1)).toBe(`${IMAGE}@${digest}`);
    expect(to('cosign', 'attest')).toEqual(
      expect.arrayContaining(['cyclonedx', `${IMAGE}@${digest}`]),
    );
    expect(to('crane', 'tag')).toEqual(['tag', `${IMAGE}@${digest}`, '4711']);
    expect(ran.at(-1)?.output).toContain(`pushed ${IMAGE}:4711 ${digest}`);
  });

  it('labels the image with its commit, and builds it at the time of that commit', () => {
    const agent = newAgent(APPLICATION);

    run(agent, { jobs: ['image.build', 'build'] });

    const build = calls(agent).find(({ args }) => args[1] === 'build');
    const source = {
      azure: 'https://dev.azure.example/forge/_git/Payments',
      github: 'https://github.example/forge/Payments',
    };
    expect(build?.args.filter((_, i) => build.args[i - 1] === '--label')).toEqual([
      `org.opencontainers.image.revision=${headOf(agent)}`,
      `org.opencontainers.image.source=${source[system]}`,
      `org.opencontainers.image.created=${REVISION_DATE}`,
      'org.opencontainers.image.version=4711',
    ]);
    expect(build?.env.SOURCE_DATE_EPOCH).toBe(`${Date.parse(REVISION_DATE) / 1000}`);
    expect(build?.args.join(' ')).toContain('rewrite-timestamp=true');
  });

  it.each([
    ['source', 'trivy-filesystem.exit', 'Scan the source', 'docker'],
    ['image', 'trivy-image.exit', 'Scan the image', 'aws'],
  ])('stops where the scan of the %s finds something', (_, exit, last, notCalled) => {
    const agent = newAgent(APPLICATION);
    told(agent, exit, '1');

    const ran = run(agent);

    expect(ran.at(-1)).toMatchObject({
      step: last,
      status: 1,
      output: expect.stringContaining('did not pass'),
    });
    expect(calls(agent).map(({ tool }) => tool)).not.toContain(notCalled);
    expect(verbs(agent).join()).not.toContain('crane');
  });

  it('lets neither the repository nor variables of the pipeline have a say in scans and push', () => {
    const agent = newAgent(APPLICATION);
    const variables = {
      TRIVY_EXIT_CODE: '0',
      TRIVY_SKIP_DIRS: '/',
      HTTPS_PROXY: 'http://evil.example',
      SSL_CERT_DIR: 'evil',
      AWS_ENDPOINT_URL: 'http://evil.example',
      COSIGN_KEY: 'evil',
      HOME: agent.source,
    };

    run(agent, { variables });

    const judging = calls(agent).filter(({ tool }) => tool !== 'docker');
    expect(judging).toHaveLength(11);
    for (const { tool, env } of judging) {
      expect(
        Object.keys(env).filter((name) => Object.hasOwn(variables, name)),
        tool,
      ).toEqual(['HOME']);
      expect(env.HOME, tool).not.toBe(agent.source);
    }
    for (const { cwd } of judging.filter(({ tool }) => tool === 'trivy'))
      expect(readdirSync(cwd)).toEqual([]);
  });

  it('hands the credentials of its step to the tools that push', () => {
    const agent = newAgent(APPLICATION);

    run(agent, { variables: { AWS_SESSION_TOKEN: 'of-the-step', AWS_REGION: 'us-east-1' } });

    for (const { env } of calls(agent).filter(({ tool }) => ['aws', 'cosign'].includes(tool)))
      expect(env).toMatchObject({ AWS_SESSION_TOKEN: 'of-the-step', AWS_REGION: 'us-east-1' });
  });

  it('has pushed already if the tag names this very digest', () => {
    const agent = newAgent(APPLICATION);
    run(agent);
    const before = verbs(agent).length;

    const ran = run(agent, { jobs: ['image.publish', 'publish'] });

    expect(ran.at(-1)).toMatchObject({ step: 'Push, sign, tag', status: 0 });
    expect(
      verbs(agent)
        .slice(before)
        .filter((verb) => /crane|cosign/.test(verb)),
    ).toEqual([]);
  });

  it('fails if the tag names another digest, and says both', () => {
    const agent = newAgent(APPLICATION);
    told(agent, 'tag', OTHER);

    const ran = run(agent);

    expect(ran.at(-1)?.status).toBe(1);
    expect(ran.at(-1)?.output).toContain(`names ${OTHER}, and this build is ${digestOf(agent)}`);
    expect(verbs(agent).join()).not.toMatch(/crane|cosign/);
  });

  it.each([
    [
      'fails if somebody takes the tag meanwhile, and says both',
      () => OTHER,
      1,
      /names sha256:e+, and this build is sha256:/,
    ],
    ['has pushed if only the answer got lost', digestOf, 0, /pushed /],
    ['fails if the registry does not take the tag', () => '', 1, /is not there after the push/],
  ])('%s', (_, names, status, says) => {
    const agent = newAgent(APPLICATION);
    const ran = run(agent, {
      before: (step) => {
        if (step === 'Push, sign, tag') told(agent, 'refused-tag', names(agent));
      },
    });

    expect(ran.at(-1)?.status).toBe(status);
    expect(ran.at(-1)?.output).toMatch(says);
  });

  it('pushes nothing if it cannot read what the tag names', () => {
    const agent = newAgent(APPLICATION);
    told(agent, 'denied', 'AccessDeniedException');

    const ran = run(agent);

    expect(ran.at(-1)?.status).toBe(1);
    expect(ran.at(-1)?.output).toMatch(/AccessDeniedException[\s\S]*cannot read what tag 4711/);
    expect(verbs(agent).join()).not.toContain('crane');
  });

  it.each(['cosign-sign.exit', 'cosign-attest.exit', 'crane-push.exit', 'crane-auth.exit'])(
    'sets no tag after %s',
    (exit) => {
      const agent = newAgent(APPLICATION);
      told(agent, exit, '9');

      expect(run(agent).at(-1)?.status).toBe(9);
      expect(verbs(agent).join()).not.toContain('crane tag');
    },
  );

  it('keeps the password of the registry out of log, arguments and disk', () => {
    const agent = newAgent(APPLICATION);

    const ran = run(agent);

    const login = calls(agent).find(({ args }) => args[0] === 'auth');
    expect(login?.stdin).toBe('a-password-of-the-registry\n');
    expect(ran.map(({ output }) => output).join()).not.toContain('a-password');
    expect(
      calls(agent)
        .flatMap(({ args }) => args)
        .join(),
    ).not.toContain('a-password');
    expect(existsSync(login?.env.DOCKER_CONFIG ?? '')).toBe(false);
  });
});
