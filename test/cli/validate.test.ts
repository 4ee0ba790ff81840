import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from './run.ts';
import { deployment } from './service-desk.ts';

/** It asks nobody: no API is here. */
const NOBODY = { url: 'http://127.0.0.1:1/', sts: { url: new URL('http://127.0.0.1:1') } as never };
const FORGE = resolve('examples/forge/conveyor.yaml');

function folder(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'conveyor-validate-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const validate = (cwd: string, ...paths: string[]) =>
  run(NOBODY, ['validate', ...paths, '--json'], { cwd });

it('checks a service’s deployments/, from anywhere in its repository', async () => {
  const cwd = folder({ 'deployments/dev.yaml': deployment(), 'deployments/qa.yaml': deployment() });
  mkdirSync(join(cwd, 'src'));

  const here = await validate(cwd);
  const below = await run(NOBODY, ['validate'], { cwd: join(cwd, 'src') });

  expect([here.code, here.json.data]).toEqual([
    0,
    {
      files: [
        { file: 'deployments/dev.yaml', environment: 'dev', service: 'relay' },
        { file: 'deployments/qa.yaml', environment: 'qa', service: 'relay' },
      ],
    },
  ]);
  expect([below.code, below.out.split('\n')[1]]).toEqual([
    0,
    `${join(cwd, 'deployments/qa.yaml')} is valid: relay of shop/platform.`,
  ]);
});

it('checks the starter that is handed out', async () => {
  expect((await validate(resolve('examples/service-starter'))).code).toBe(0);
});

it('tells everything that is wrong in all files at once', async () => {
  const cwd = folder({
    'deployments/dev.yaml': deployment({ service: 'Relay' }),
    'deployments/prod.yml': deployment(),
    'deployments/qa.yaml': deployment({ artifact: 'folder: dist' }),
    'conveyor.yaml': 'apiVersion: conveyor/v2\n',
  });

  const { code, json } = await validate(cwd);

  expect([code, json.error?.code]).toEqual([1, 'InvalidConfiguration']);
  for (const place of [
    'conveyor.yaml:1:13 ',
    'deployments/dev.yaml:4:10 service',
    'deployments/prod.yml: the file is named after its environment',
    'deployments/qa.yaml:6:3 artifact.folder',
  ])
    expect(json.error?.message).toContain(place);
  expect(json.error?.where).toContainEqual(
    expect.objectContaining({ file: 'deployments/dev.yaml', line: 4, column: 10 }),
  );
});

it.each([
  ['platforms', deployment({ platform: 'other/place' }), 'shop/platform and other/place'],
  ['services', deployment({ service: 'pricing' }), 'relay and pricing'],
  ['artifacts', deployment({ artifact: 'tarball: dist' }), 'path dist and tarball dist'],
])('says where files name different %s', async (what, text, both) => {
  const cwd = folder({ 'deployments/dev.yaml': deployment(), 'deployments/qa.yaml': text });

  const { code, json } = await validate(cwd);

  expect([code, json.error?.message]).toEqual([
    1,
    `deployments/dev.yaml and deployments/qa.yaml name different ${what}: ${both}`,
  ]);
});

it('does not mind how a repository’s name is written: GitHub does not', async () => {
  const cwd = folder({
    'deployments/dev.yaml': deployment(),
    'deployments/qa.yaml': deployment({ platform: 'Shop/Platform' }),
  });

  expect((await validate(cwd)).code).toBe(0);
});

it('leaves what is not Conveyor’s alone, in a platform’s repository', async () => {
  const cwd = folder({ 'deployments/web.yaml': 'apiVersion: apps/v1\nkind: Deployment\n' });
  cpSync(FORGE, join(cwd, 'conveyor.yaml'));

  const { code, json } = await validate(cwd);

  expect([code, json.data]).toEqual([
    0,
    { files: [expect.objectContaining({ file: 'conveyor.yaml' })] },
  ]);
});

it('takes files and folders by name', async () => {
  const cwd = folder({ 'service/deployments/dev.yaml': deployment() });
  cpSync(FORGE, join(cwd, 'platform.yaml'));
  const checked = async (...paths: string[]) => {
    const { json } = await validate(cwd, ...paths);
    return (json.data as { files: { file: string }[] }).files.map(({ file }) => file);
  };
  const file = 'service/deployments/dev.yaml';

  expect(await checked('platform.yaml', 'service')).toEqual(['platform.yaml', file]);
  expect(await checked('service/deployments')).toEqual([file]);
  expect(await checked(file, 'service')).toEqual([file]);
});

it.each([[[]], [['.']], [['nowhere.yaml']]])(
  'says so where there is nothing: %j',
  async (paths) => {
    const { code, json } = await validate(folder({}), ...paths);

    expect([code, json.error?.next]).toEqual([
      paths[0] === 'nowhere.yaml' ? 1 : 2,
      ['conveyor validate --help'],
    ]);
  },
);
