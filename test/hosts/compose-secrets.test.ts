import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROLE_KEYS } from './compose-desk.ts';
import { composition, encoded } from './compose-host.ts';
import {
  buildsOf,
  type ComposeService,
  type ComposeWorld,
  openComposeWorld,
} from './compose-world.ts';

const SECRET = `hunter2 'quoted' "$" #x`;
const PATH = '/forge/prod/dagster';
const WITH_ENV = '    env_file: .env.forge\n';

let world: ComposeWorld;
beforeAll(async () => {
  world = await openComposeWorld();
  world.desk.parameters.set(`${PATH}/PASSWORD`, SECRET);
});
afterAll(() => world.close());

function configured(extra = ''): object {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: compose replaces it
  return { parameters: PATH, composeFile: composition('${IMAGE}', WITH_ENV + extra) };
}

function passwordOf(shop: ComposeService): Promise<string[]> {
  return shop
    .containers()
    .then((all) =>
      all.flatMap(({ Config }) => Config.Env.filter((one) => one.startsWith('PASSWORD='))),
    );
}

it('gives the service its parameters, and nobody else: no output, log, argument or file of others', async () => {
  const shop = world.newService();
  const one = await shop.push('1');
  const watching = world.host.sh(
    `while [ ! -e "$1" ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; done | tr '\\0' '\\n'`,
    `${world.host.root}/watched`,
  );

  const good = await shop.deploy(one, configured());
  const broken = encoded(
    `version: '3.7'\nservices:\n  web:\n    env_file: .env.forge\n    imagine: x\n`,
  );
  const bad = await shop.deploy(await shop.push('2'), { ...configured(), composeFile: broken });
  await world.host.sh('touch "$1/watched"', world.host.root);
  const processes = await watching;

  expect(await passwordOf(shop)).toEqual([`PASSWORD=${SECRET}`]);
  expect(good.result.state).toBe('running');
  expect(bad.result).toMatchObject({ state: 'failed', ...one });
  expect(processes).toMatch('docker');
  const log = await shop.log();
  expect(log).toMatch('result: running');
  const files = await world.host.sh(
    `grep -rlF hunter2 "$1" /var/lib/conveyor /var/log /run /tmp /root 2>/dev/null | xargs -r stat -c '%a %n' | sort -u`,
    shop.folder,
  );
  expect(files.trim().split('\n')).toEqual([
    `600 ${shop.folder}/.env.forge`,
    `600 /var/lib/conveyor/${shop.service}/kept/1.tar`,
  ]);
  expect(await world.host.sh('stat -c %a "/var/lib/conveyor/$1"', shop.service)).toBe('700\n');
  const told = [good, bad].flatMap(({ stdout, stderr }) => [stdout, stderr]).join('');
  for (const secret of [
    'hunter2',
    ROLE_KEYS.SecretAccessKey,
    ROLE_KEYS.Token,
    ...world.desk.tokens,
  ])
    for (const where of [told, log, processes]) expect(where).not.toContain(secret);
});

it('starts the service anew where a parameter changed, and goes back to those with which it passed', async () => {
  const shop = world.newService();
  const port = { health: { seconds: 8 } };
  const one = await shop.push('1');
  world.desk.parameters.set('/forge/own/PASSWORD', 'first');
  const own = { ...configured(), parameters: '/forge/own', ...port };
  await shop.deploy(one, own);
  const [before] = await shop.containers();
  world.desk.parameters.set('/forge/own/PASSWORD', 'second');
  const again = await shop.deploy(one, own);
  const [after] = await shop.containers();

  expect(again.result.state).toBe('running');
  expect(after?.Id).not.toBe(before?.Id);
  expect(await passwordOf(shop)).toEqual(['PASSWORD=second']);

  world.desk.parameters.set('/forge/own/PASSWORD', 'third');
  const failed = await shop.deploy(await shop.push('2', 'dies'), own);

  expect(failed.result).toMatchObject({ state: 'failed', ...one });
  expect(await passwordOf(shop)).toEqual(['PASSWORD=second']);
});

it('leaves no login behind, and gets a new one where the last has run out', async () => {
  const shop = world.newService();
  await shop.deploy(await shop.push('1'));
  const left = await world.host.sh('ls -A /run/conveyor; ls -A /root/.docker 2>/dev/null || :');
  world.desk.tokens.clear();

  const { result } = await shop.deploy(await shop.push('2'));

  expect(left).not.toMatch(/\.docker|config\.json/);
  expect(result).toMatchObject({ state: 'running', version: '2' });
});

it('keeps the host’s own docker configuration as it is', async () => {
  const shop = world.newService();
  const own = '{"auths":{"other.example":{"auth":"eDp5"}},"credsStore":"none-such"}';
  await world.host.sh(`mkdir -p /root/.docker && printf %s "$1" >/root/.docker/config.json`, own);

  const { result } = await shop.deploy(await shop.push('1'));

  expect(result.state).toBe('running');
  expect(await world.host.sh('cat /root/.docker/config.json')).toBe(own);
  await world.host.sh('rm -r /root/.docker');
});

it('runs the cleanup hook before the return, and says how it ended', async () => {
  const shop = world.newService();
  const one = await shop.push('1');
  await shop.deploy(one);
  await world.host.sh(
    `mkdir -p "$1/bin" && printf '#!/bin/sh\necho "$CONVEYOR_VERSION $CONVEYOR_GOOD" >"%s/hook"; echo hunter3; exit 4\n' "$1" >"$1/bin/undo" && chmod +x "$1/bin/undo"`,
    shop.folder,
  );

  const { result, stdout } = await shop.deploy(await shop.push('2', 'dies'), {
    cleanup: 'bin/undo',
    health: { seconds: 8 },
  });

  expect(result).toMatchObject({ state: 'failed', ...one });
  expect(result.reason).toMatch('the cleanup hook ended with 4; returned to 1');
  expect(await shop.file('hook')).toBe('2 1\n');
  expect(stdout).not.toMatch('hunter3');
  expect(buildsOf(await shop.containers())).toEqual(['1']);
});
