import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composition } from './compose-host.ts';
import { buildsOf, type ComposeWorld, freePort, openComposeWorld } from './compose-world.ts';

let world: ComposeWorld;
beforeAll(async () => {
  world = await openComposeWorld();
});
afterAll(() => world.close());

describe.concurrent('the way back of a compose service', () => {
  it.for([
    ['dies', 'ended with exit code 3'],
    ['unhealthy', 'unhealthy'],
  ] as const)('returns to its own good version where the new one %s', async ([behaviour, why]) => {
    const shop = world.newService();
    const one = await shop.push('1', 'healthy');
    await shop.deploy(one);
    const two = await shop.push('2', behaviour);

    const { result } = await shop.deploy(two, { health: { seconds: 8 } });

    expect(result).toMatchObject({
      state: 'failed',
      ...one,
      good: '1',
      active: true,
      health: 'passed',
    });
    expect(result.reason).toMatch(why);
    expect(result.reason).toMatch('returned to 1');
    expect(buildsOf(await shop.containers())).toEqual(['1']);
    expect(await shop.file('.env')).toMatch('IMAGE_TAG=1\n');
  });

  it('asks the URL too, and returns where nobody answers there', async () => {
    const shop = world.newService();
    const port = await freePort();
    const health = { url: `http://127.0.0.1:${port}/`, seconds: 8 };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: compose replaces it
    const composeFile = composition('${IMAGE}', `    environment:\n      PORT: "${port}"\n`);
    const one = await shop.push('1', 'serves');
    const first = await shop.deploy(one, { health, composeFile });
    const second = await shop.deploy(await shop.push('2', 'mute'), { health, composeFile });

    expect(first.result).toMatchObject({ state: 'running', health: 'passed' });
    expect(second.result).toMatchObject({ state: 'failed', ...one, health: 'passed' });
    expect(second.result.reason).toMatch(/did not answer.*returned to 1/);
  });

  it('stops what failed where nothing was good before, and says so', async () => {
    const shop = world.newService();

    const { result } = await shop.deploy(await shop.push('1', 'dies'), { health: { seconds: 8 } });

    expect(result).toMatchObject({ state: 'failed', version: null, active: false, good: null });
    expect(result.reason).toMatch('nothing was good here before');
    expect(await shop.containers()).toEqual([]);
  });

  it('returns to what ran before Conveyor came', async () => {
    const shop = world.newService();
    const old = await shop.push('before');
    const token = 'by-hand';
    world.desk.tokens.add(token);
    await world.host.sh(
      `mkdir -p "$1" && cd "$1"
       export DOCKER_CONFIG="$1/.by-hand"
       printf "services:\n  web:\n    image: $3:before\n    network_mode: host\nversion: '3.7'\n" >docker-compose.yml
       printf %s "$4" | docker login -u AWS --password-stdin "\${3%%/*}" && docker-compose -p "$2" up -d`,
      ...[shop.folder, shop.service, shop.image, token],
    );

    const { result } = await shop.deploy(await shop.push('2', 'dies'), { health: { seconds: 8 } });

    expect(result).toMatchObject({ state: 'failed', ...old, good: 'before', active: true });
    expect(buildsOf(await shop.containers())).toEqual(['before']);
  });

  it('is restored to the good version before the one that was rejected', async () => {
    const shop = world.newService();
    const one = await shop.push('1');
    const two = await shop.push('2');
    await shop.deploy(one);
    await shop.deploy(two);

    const { result } = await shop.restore(two, { reason: 'a host beside it failed' });
    const again = await shop.restore(two);

    expect(result).toMatchObject({ state: 'running', ...one, good: '1' });
    expect(again.result).toMatchObject({ state: 'running', ...one });
    expect(buildsOf(await shop.containers())).toEqual(['1']);
  });

  it('pulls what a restore needs and is no longer there', async () => {
    const shop = world.newService();
    const one = await shop.push('1');
    const two = await shop.push('2');
    await shop.deploy(one);
    await shop.deploy(two);
    await world.host.sh('docker rmi "$1"', `${shop.image}@${one.digest}`);

    expect((await shop.restore(two)).result).toMatchObject({ state: 'running', ...one });
  });

  it('has nothing to restore where only one version was ever good', async () => {
    const shop = world.newService();
    const one = await shop.push('1');
    await shop.deploy(one);

    const { result } = await shop.restore(one);

    expect(result).toMatchObject({
      state: 'failed',
      ...one,
      reason: expect.stringMatching('nothing to go back to'),
    });
    expect(buildsOf(await shop.containers())).toEqual(['1']);
  });
});
