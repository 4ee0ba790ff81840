import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composition } from './compose-host.ts';
import { buildsOf, type ComposeWorld, freePort, openComposeWorld } from './compose-world.ts';

let world: ComposeWorld;
beforeAll(async () => {
  world = await openComposeWorld();
});
afterAll(() => world.close());

describe.concurrent('a compose service on a host', () => {
  it('runs the promoted digest, reads it back and keeps what the folder had', async () => {
    const shop = world.newService();
    const one = await shop.push('1041');
    await world.host.sh(
      `mkdir -p "$1"; printf 'COLOUR=blue\nexport IMAGE_TAG=old\nLAST=1' >"$1/.env"`,
      shop.folder,
    );

    const { result, code, stdout } = await shop.deploy(one);

    expect(result).toMatchObject({ state: 'running', ...one, good: '1041', active: true });
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stdout.length).toBeLessThanOrEqual(2000);
    expect(buildsOf(await shop.containers())).toEqual(['1041']);
    expect(await shop.file('.env')).toBe(
      `COLOUR=blue\nLAST=1\nIMAGE_TAG=1041\nIMAGE_DIGEST=${one.digest}\nIMAGE=${shop.image}@${one.digest}\n`,
    );
  });

  it('changes nothing where that runs already: no restart, no pull', async () => {
    const shop = world.newService();
    const one = await shop.push('1');
    await shop.deploy(one);
    const [before] = await shop.containers();
    world.lost.add(shop.service);

    const { result } = await shop.deploy(one);
    const [after] = await shop.containers();

    expect(result).toMatchObject({
      state: 'running',
      ...one,
      reason: expect.stringMatching('nothing was changed'),
    });
    expect(after?.State.StartedAt).toBe(before?.State.StartedAt);
  });

  it('goes from version to version, and keeps the image of the one before only', async () => {
    const shop = world.newService();
    for (const version of ['1', '2', '3']) {
      const { result } = await shop.deploy(await shop.push(version));
      expect(result).toMatchObject({ state: 'running', version });
    }

    const kept = await world.host.sh('docker image ls --quiet "$1" | sort -u | wc -l', shop.image);
    expect(kept.trim()).toBe('2');
    expect(buildsOf(await shop.containers())).toEqual(['3']);
  });

  it('prunes nothing where it is told so', async () => {
    const shop = world.newService();
    for (const version of ['1', '2', '3'])
      await shop.deploy(await shop.push(version), { prune: 'none' });

    expect(
      (await world.host.sh('docker image ls -q "$1" | sort -u | wc -l', shop.image)).trim(),
    ).toBe('3');
  });

  it('is right by tag as well, and by the digest of an index', async () => {
    const shop = world.newService();
    const digest = await world.images.pushIndex(shop.service, '7', 'mute');
    const composeFile = composition(`${shop.image}:\${IMAGE_TAG}`);

    const { result } = await shop.deploy({ version: '7', digest }, { composeFile });

    expect(result).toMatchObject({ state: 'running', version: '7', digest });
  });

  it('says no before anything is started where the tag means other bytes', async () => {
    const shop = world.newService();
    const composeFile = composition(`${shop.image}:\${IMAGE_TAG}`);
    const one = await shop.push('1');
    await shop.deploy(one, { composeFile });
    const [before] = await shop.containers();
    const promoted = await shop.push('2');
    await world.images.push(shop.service, '2', 'mute', 'pushed over it');

    const { result, code } = await shop.deploy(promoted, { composeFile });

    expect(result).toMatchObject({ state: 'failed', ...one, good: '1' });
    expect(result.reason).toMatch('not the promoted');
    expect(code).toBe(1);
    expect((await shop.containers())[0]?.State.StartedAt).toBe(before?.State.StartedAt);
  });

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

  it('is observed as it is, whatever ran last', async () => {
    const shop = world.newService();
    const one = await shop.push('1');
    const two = await shop.push('2');
    const nothing = await shop.observe(one);
    await shop.deploy(one);
    const right = await shop.observe(one);
    const other = await shop.observe(two);
    await world.host.sh(
      `docker stop $(docker ps -q --filter "label=com.docker.compose.project=$1")`,
      shop.service,
    );
    const stopped = await shop.observe(one);

    expect(nothing.result).toMatchObject({ state: 'absent', version: null });
    expect(right.result).toMatchObject({ state: 'running', ...one, active: true });
    expect(other.result).toMatchObject({ state: 'failed', ...one });
    expect(stopped.result).toMatchObject({
      state: 'failed',
      active: false,
      version: null,
      good: '1',
    });
  });

  it('is one at a time, and is observed all the same', async () => {
    const shop = world.newService();
    const one = await shop.push('1');
    await shop.deploy(one);
    const held = world.host.sh(
      'touch "$2/held"; flock "/run/conveyor/$1.lock" sh -c \'touch "$1/holds"; while [ -e "$1/held" ]; do sleep 0.1; done\' sh "$2"',
      ...[shop.service, shop.folder],
    );
    await world.host.sh('until [ -e "$1/holds" ]; do sleep 0.1; done', shop.folder);

    expect((await shop.deploy(one)).result.state).toBe('busy');
    expect((await shop.observe(one)).result.state).toBe('running');
    await world.host.sh('rm "$1/held"', shop.folder);
    await held;
    expect((await shop.deploy(one)).result.state).toBe('running');
  });

  it('honours the project name that somebody set', async () => {
    const shop = world.newService();
    await world.host.sh(
      `mkdir -p "$1"; echo "COMPOSE_PROJECT_NAME=$2x" >"$1/.env"`,
      shop.folder,
      shop.service,
    );
    const one = await shop.push('1');

    const { result } = await shop.deploy(one);

    expect(result).toMatchObject({ state: 'running', ...one });
    expect(buildsOf(await shop.containers(`${shop.service}x`))).toEqual(['1']);
    await world.host.sh('cd "$1" && docker-compose down', shop.folder);
  });
});
