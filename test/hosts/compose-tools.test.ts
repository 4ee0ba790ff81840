import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tools } from './compose-host.ts';
import { buildsOf, type ComposeWorld, openComposeWorld } from './compose-world.ts';

describe.each([
  ['plugin', 'docker compose'],
  ['both', 'docker compose'],
  ['docker-compose', 'docker-compose'],
] as const satisfies readonly (readonly [Tools, string])[])('a host with %s', (tools, command) => {
  let world: ComposeWorld;
  beforeAll(async () => {
    world = await openComposeWorld(tools);
  });
  afterAll(() => world.close());

  it(`deploys, returns and restores by ${command}`, async () => {
    const shop = world.newService();
    const one = await shop.push('1');
    const two = await shop.push('2', 'healthy');

    expect((await shop.deploy(one)).result).toMatchObject({ state: 'running', ...one });
    expect((await shop.deploy(two)).result).toMatchObject({ state: 'running', ...two });
    const three = await shop.deploy(await shop.push('3', 'dies'), { health: { seconds: 10 } });
    expect(three.result).toMatchObject({ state: 'failed', ...two });
    expect((await shop.restore(two)).result).toMatchObject({ state: 'running', ...one });
    expect(buildsOf(await shop.containers())).toEqual(['1']);
    expect(await shop.log()).toMatch(`starting ${shop.service} with ${command}\n`);
  });
});

describe('a host with neither', () => {
  let world: ComposeWorld;
  beforeAll(async () => {
    world = await openComposeWorld('neither');
  });
  afterAll(() => world.close());

  it('says what to install', async () => {
    const shop = world.newService();
    const { result } = await shop.deploy(await shop.push('1'));

    expect(result).toMatchObject({
      state: 'failed',
      reason: 'neither docker compose nor docker-compose is on this host: install one of them',
    });
  });
});
