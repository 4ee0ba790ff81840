import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Agent, calls, newAgent, runPipeline } from './support/run-pipeline.ts';

const URL =
  'https://github.com/aquasecurity/trivy/releases/download/v0.74.0/trivy_0.74.0_Linux-64bit.tar.gz';

/** An archive as Trivy's releases are, with another program in it. */
function archive(agent: Agent): string {
  const folder = join(agent.temp, 'release');
  mkdirSync(folder, { recursive: true });
  mkdirSync(agent.state, { recursive: true });
  writeFileSync(join(folder, 'trivy'), '#!/bin/sh\necho of the release\n', { mode: 0o644 });
  const file = join(agent.state, 'download');
  execFileSync('tar', ['-czf', file, '-C', folder, 'trivy']);
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** The step as it stands in the template, but for the hash that it expects. */
const install = (agent: Agent, sha256: string) =>
  runPipeline(agent, {
    kind: 'image',
    system: 'azure',
    parameters: { language: 'node' },
    only: ['Install the scanner'],
    change: (env) => ({ ...env, TOOLS: `trivy ${sha256} ${URL}` }),
  })[0];

it('installs a tool whose bytes are those that the template names', () => {
  const agent = newAgent({ Dockerfile: 'FROM scratch\n' });

  const ran = install(agent, archive(agent));

  expect(ran).toMatchObject({ status: 0 });
  const tool = join(agent.temp, 'conveyor', 'tools', 'trivy');
  expect(execFileSync(tool, { encoding: 'utf8' })).toBe('of the release\n');
  expect(calls(agent)[0]?.args).toEqual(expect.arrayContaining(['--proto', '=https', URL]));
});

it('refuses other bytes, and says which they are', () => {
  const agent = newAgent({ Dockerfile: 'FROM scratch\n' });
  const came = archive(agent);

  const ran = install(agent, 'f'.repeat(64));

  expect(ran?.status).toBe(1);
  expect(ran?.output).toContain(`has SHA-256 ${came}, not ${'f'.repeat(64)}; it was not run`);
});

it('says what it could not download', () => {
  const agent = newAgent({ Dockerfile: 'FROM scratch\n' });
  writeFileSync(join(agent.state, 'curl.exit'), '22');

  const ran = install(agent, 'f'.repeat(64));

  expect(ran?.output).toContain(`cannot download trivy from ${URL}`);
  expect(existsSync(join(agent.state, 'calls', '001'))).toBe(false);
});
