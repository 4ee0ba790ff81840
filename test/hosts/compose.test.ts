import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composition } from './compose-host.ts';
import { buildsOf, type ComposeWorld, openComposeWorld } from './compose-world.ts';

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

  it('says who put a version there by hand, until a deploy without a hold has passed', async () => {
    const shop = world.newService();
    const hold = 'arn:aws:iam::444455556666:user/alice';
    const [one, two] = [await shop.push('1'), await shop.push('2')];

    expect((await shop.deploy(one, { hold })).result).toMatchObject({ ...one, held: hold });
    expect((await shop.observe(one)).result).toMatchObject({ ...one, held: hold });
    expect((await shop.deploy(two)).result).toMatchObject({ ...two, held: null });
    expect((await shop.deploy(one)).result).toMatchObject({ ...one, held: null });
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
