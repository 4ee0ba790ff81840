import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'conveyor-synth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('synthesises in an empty environment, without credentials, without a finding or a warning', async () => {
  const cdk = ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--output', folder];
  const context = ['-c', 'config=examples/forge/conveyor.yaml', '-c', 'nag=on'];
  const env = { PATH: process.env.PATH, HOME: folder };

  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...cdk, ...context], {
    env,
  });

  expect(`${stdout}${stderr}`).not.toMatch(/warning|error|deprecated|not configured/i);
  expect(readdirSync(folder)).toContain('Conveyor.template.json');
  const { pluginReports } = JSON.parse(
    readFileSync(join(folder, 'validation-report.json'), 'utf8'),
  );
  expect(pluginReports).toEqual([]);
}, 600_000);

it('does not synthesise what has a finding', () => {
  const app = new App();
  new Bucket(new Stack(app, 'Careless'), 'Bucket');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

  expect(() => app.synth()).toThrow(/AwsSolutions-S1/);
}, 300_000);
