import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { releaseSha } from '../../bin/cli/deployments/release-sha.ts';
import type { IoHost } from '../../bin/cli/io-host.ts';
import { OTHER, SHA } from './service-desk.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'conveyor-sha-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const host = (cwd: string, env: IoHost['env'] = {}) => ({ cwd, env }) as IoHost;

function repository(): { cwd: string; head: string } {
  const cwd = folder();
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x.example', ...args], {
      cwd,
      encoding: 'utf8',
    });
  git('init', '--quiet');
  writeFileSync(join(cwd, 'file'), 'one');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  return { cwd, head: git('rev-parse', 'HEAD').trim() };
}

it('is what was typed, in lower case, before anything else', async () => {
  const env = { GITHUB_SHA: OTHER };

  expect(await releaseSha(host('/', env), SHA.toUpperCase())).toEqual({ sha: SHA, isDirty: false });
});

it.each(['GITHUB_SHA', 'BUILD_SOURCEVERSION'])('is what CI says in %s', async (name) => {
  expect((await releaseSha(host('/', { [name]: SHA }), undefined)).sha).toBe(SHA);
});

it('is what is checked out, and tells whether files differ from it', async () => {
  const { cwd, head } = repository();

  const clean = await releaseSha(host(cwd), undefined);
  writeFileSync(join(cwd, 'file'), 'two');
  const dirty = await releaseSha(host(cwd), undefined);

  expect([clean, dirty]).toEqual([
    { sha: head, isDirty: false },
    { sha: head, isDirty: true },
  ]);
});

it.each(['a1b2c3d', 'main', '', `${'a'.repeat(41)}`, '../x'])(
  'is never %j, which is no whole SHA',
  async (text) => {
    await expect(releaseSha(host('/'), text)).rejects.toMatchObject({ name: 'InvalidInput' });
  },
);

it('is asked for where nobody knows it', async () => {
  await expect(releaseSha(host(folder()), undefined)).rejects.toMatchObject({
    name: 'InvalidInput',
    fix: 'Give it: --sha <40 hexadecimal digits>',
  });
});
