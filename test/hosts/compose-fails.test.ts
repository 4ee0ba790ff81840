import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effort } from '../effort.ts';
import { composition, encoded } from './compose-host.ts';
import {
  type ComposeService,
  type ComposeWorld,
  openComposeWorld,
  type Release,
} from './compose-world.ts';

let world: ComposeWorld;
beforeAll(async () => {
  world = await openComposeWorld();
});
afterAll(() => world.close());

const DIGEST = `sha256:${'0'.repeat(64)}`;

/** Version 1 runs, then something goes wrong with version 2: the same container of 1 must be there afterwards. */
async function leavesAlone(
  shop: ComposeService,
  fault: (two: Release, image: string) => object | Promise<object>,
): Promise<string> {
  const one = await shop.push('1');
  const first = await shop.deploy(one);
  expect(first.result, first.result.reason).toMatchObject({ state: 'running' });
  const [before] = await shop.containers();
  const files = await contents(shop);
  const two = await shop.push('2');

  const { result, code } = await shop.deploy(two, await fault(two, shop.image));

  expect(result).toMatchObject({ state: 'failed', ...one, good: '1', active: true });
  expect(code).toBe(1);
  const [after] = await shop.containers();
  expect(after?.Id).toBe(before?.Id);
  expect(after?.State.StartedAt).toBe(before?.State.StartedAt);
  expect(await contents(shop)).toBe(files);
  return result.reason;
}

function contents({ folder }: ComposeService): Promise<string> {
  return world.host.sh(
    'cd "$1" && stat -c "%A %U %n" .[!.]* * && cat docker-compose.yml .env',
    folder,
  );
}

describe.concurrent('what cannot be brought leaves the host as it was', () => {
  it('a registry that cannot be reached', async () => {
    const shop = world.newService();
    const one = await shop.push('1');
    await shop.deploy(one);
    const [before] = await shop.containers();
    const files = await contents(shop);

    const { result } = await shop.deploy(await shop.push('2'), {
      image: 'localhost:1/shop',
      registry: { host: 'localhost:1', region: 'eu-central-1', account: '111111111111' },
    });

    expect(result).toMatchObject({ state: 'failed', good: '1' });
    expect(result.reason).toMatch(/localhost:1 refused the login .* cannot be reached/);
    expect((await shop.containers())[0]?.State.StartedAt).toBe(before?.State.StartedAt);
    expect(await contents(shop)).toBe(files);
  });

  it('a registry that is lost after the login', async () => {
    const shop = world.newService();
    const reason = await leavesAlone(shop, () => {
      world.lost.add(shop.service);
      return {};
    });

    expect(reason).toMatch(/could not be pulled/);
  });

  it('a registry that wants a login, without one', async () => {
    const reason = await leavesAlone(world.newService(), () => ({ registry: undefined }));

    expect(reason).toMatch(/could not be pulled/);
  });

  it('an image that is not there', async () => {
    const reason = await leavesAlone(world.newService(), () => ({ digest: DIGEST }));

    expect(reason).toMatch(`@${DIGEST} could not be pulled`);
  });

  it.for([
    ['no YAML', 'services:\n  web: [', /docker-compose.yml is not right|compose pull failed/],
    ['an unknown key', 'services:\n  web:\n    imagine: x\n', /compose pull failed/],
    ['an image of its own', `version: '3.7'\nservices: {}\n`, /compose pull failed|runs no image/],
  ] as const)('a docker-compose.yml with %s', async ([, text, why]) => {
    const reason = await leavesAlone(world.newService(), () => ({ composeFile: encoded(text) }));

    expect(reason).toMatch(why);
  });

  it('a docker-compose.yml that names the old version by itself', async () => {
    const reason = await leavesAlone(world.newService(), (_, image) => ({
      composeFile: composition(`${image}:1`),
    }));

    expect(reason).toMatch(/:1 is .*, not the promoted/);
  });

  it('a docker-compose.yml that came with another digest', async () => {
    const reason = await leavesAlone(world.newService(), (_, image) => ({
      composeFile: { ...composition(image), digest: DIGEST },
    }));

    expect(reason).toMatch(`another digest than ${DIGEST}`);
  });

  it('parameters that are not there', async () => {
    const reason = await leavesAlone(world.newService(), () => ({ parameters: '/forge/nothing' }));

    expect(reason).toMatch('there is no parameter below /forge/nothing');
  });

  it('a disk that is full', async () => {
    const shop = world.newService();
    const one = await shop.push('1');
    await shop.deploy(one);
    await world.host.sh('ln -s /dev/full "/var/lib/conveyor/$1/wanted.new"', shop.service);

    const { result } = await shop.deploy(await shop.push('2'));

    expect(result).toMatchObject({
      state: 'failed',
      ...one,
      reason: expect.stringMatching('is the disk full'),
    });
  });
});

describe.concurrent('a request that is not as it should be is refused', () => {
  const HOSTILE = [
    `a'b`,
    'a"b',
    'a\nb',
    '$(touch CANARY)',
    '`touch CANARY`',
    'a;touch CANARY',
    'ünï',
    '{{ssm:x}}',
    '../x',
    '-x',
    '/srv/../etc',
    '/srv/a b',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: hostile
    '${IMAGE}',
    'a\u0000b',
    '*',
  ];
  const FIELDS = [
    'service',
    'version',
    'digest',
    'image',
    'folder',
    'variable',
    'envFile',
    'parameters',
    'prune',
    'region',
    'cleanup',
    'registry.host',
    'registry.account',
    'registry.region',
    'composeFile.text',
    'composeFile.digest',
    'health.url',
  ];

  it.for(FIELDS)('%s with quotes, newlines, substitutions, unicode', async (field) => {
    const shop = world.newService();
    const whole = shop.request('deploy', { version: '1', digest: DIGEST });

    const from = FIELDS.indexOf(field);
    const some = HOSTILE.filter((_, at) => (at + from) % effort(5, 1) === 0);
    for (const value of some) {
      const poison = value.replace('CANARY', `${shop.folder}-canary`);
      const { result, code } = await world.host.run(withField(whole, field, poison));
      expect(result.state, `${field}=${JSON.stringify(value)}: ${result.reason}`).toBe('refused');
      expect(code).toBe(1);
    }
    expect((await world.host.sh('ls -a "$1"*canary 2>/dev/null || :', shop.folder)).trim()).toBe(
      '',
    );
  });
});

function withField(request: object, field: string, value: string): object {
  const [name = '', inner] = field.split('.');
  const whole = request as Record<string, object>;
  return { ...whole, [name]: inner === undefined ? value : { ...whole[name], [inner]: value } };
}
