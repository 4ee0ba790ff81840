import { describe, it } from 'vitest';
import { entry } from '../intake/tarballs.ts';
import { openSystemdDesk } from './systemd-desk.ts';
import { release } from './systemd-releases.ts';

const desk = openSystemdDesk();
const GOOD = release('good');

/** A service whose version `good` runs. */
async function running(name: string, ...unit: readonly string[]) {
  const service = await desk.provision(name, ...unit);
  await service.deploy(GOOD);
  return service;
}

describe.concurrent('what cannot be brought changes nothing', () => {
  it.for([
    ['denied', 'answered 403'],
    ['cut', 'the download of s3://releases-dev/denial-cut/2222.tar.gz was cut off'],
  ] as const)('%s', async ([fault, reason], { expect }) => {
    const service = await running(`denial-${fault}`);
    const invocation = await service.invocation();
    service.put(release('2222'), fault);

    const result = JSON.parse((await desk.run(service.requestOf(release('2222')))).stdout);

    expect(result).toMatchObject({
      state: 'failed',
      version: 'good',
      good: 'good',
      health: 'passed',
    });
    expect(result.reason).toContain(reason);
    expect(result.reason).toContain('nothing was changed, good runs');
    expect(await service.invocation()).toBe(invocation);
    expect(await desk.shell(`ls -A ${service.root}/releases`)).toBe('good');
  });

  it('an object that is not there', async ({ expect }) => {
    const service = await running('missing');

    const source = { bucket: 'releases-dev', key: 'missing/none.tar.gz' };
    const result = await service.deploy(release('2222'), { source });

    expect(result).toMatchObject({ state: 'failed', version: 'good' });
    expect(result.reason).toContain('s3://releases-dev/missing/none.tar.gz answered 404');
  });

  it('another digest than the one that was promoted', async ({ expect }) => {
    const service = await running('forged');
    service.put({ ...release('3333'), version: '2222' });

    const forged = await desk.run(service.requestOf(release('2222')));

    expect(JSON.parse(forged.stdout).reason).toContain(
      `has the digest ${release('3333').digest}, not ${release('2222').digest}`,
    );
    expect(await desk.shell(`ls -A ${service.root}/releases`)).toBe('good');
  });

  it('no credentials', async ({ expect }) => {
    const service = await running('roleless');
    const nowhere = { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9' };

    const run = await desk.run(service.requestOf(release('2222')), nowhere);

    expect(JSON.parse(run.stdout)).toMatchObject({ state: 'failed', version: 'good' });
    expect(JSON.parse(run.stdout).reason).toContain('does this instance have a role?');
  });

  it('a full disk: no room for the tarball, for what is in it, or for what is kept of it', async ({
    expect,
  }) => {
    const service = await desk.provision('full');
    await desk.shell(`mount -t tmpfs -o size=1m tmpfs ${service.root}`);
    await service.deploy(GOOD);
    const noise = Buffer.from(
      Array.from({ length: 2 << 20 }, (_, i) => (i * i * 31 + (i >> 7)) & 255),
    );
    const large = release('large', 'well', entry({ name: './noise', content: noise }));
    const wide = release('wide', 'well', entry({ name: './zero', content: Buffer.alloc(3 << 20) }));

    const results = [await service.deploy(large), await service.deploy(wide)];
    const state = '/var/lib/conveyor/full';
    await desk.shell(`cp -a ${state} /tmp/kept; mount -t tmpfs -o size=16k tmpfs ${state};
      cp /tmp/kept/good ${state}; cat /dev/zero >${state}/filler || :`);
    results.push(await service.deploy(release('2222')));

    for (const result of results)
      expect(result).toMatchObject({
        state: 'failed',
        version: 'good',
        good: 'good',
        active: true,
      });
    expect(results[0]?.reason).toMatch(/could not be written to|no space left/);
    expect(results[1]?.reason).toContain('no space left: the release needs 3 MB');
    expect(results[2]?.reason).toContain(`${state} cannot be written: no space left?`);
    expect(await desk.shell(`ls -A ${service.root}/releases`)).toBe('good');
    await desk.shell(`rm ${state}/filler`);
    expect(await service.deploy(release('2222'))).toMatchObject({ state: 'running' });
  });
});

describe.concurrent('what does not do well goes back to the own good version', () => {
  it.for([
    ['dies', [], 'after its start'],
    ['sick', [], 'did not pass within 4 s'],
    ['mute', ['Type=notify', 'NotifyAccess=all'], 'is activating/start'],
  ] as const)('%s', async ([manner, unit, reason], { expect }) => {
    const service = await running(`back-${manner}`, ...unit);
    const { health } = service.requestOf(GOOD) as { health: { url: string } };

    const bad = { health: { url: health.url, seconds: 4 } };
    const result = await service.deploy(release('2222', manner), bad);

    expect(result).toMatchObject({ state: 'failed', version: 'good', good: 'good', active: true });
    expect(result).toMatchObject({ health: 'passed', digest: GOOD.digest });
    expect(result.reason).toContain(reason);
    expect(result.reason).toContain('; returned to good');
    expect(await service.answers()).toBe('good');
  });

  it('runs the cleanup hook before, as the user of the unit', async ({ expect }) => {
    const service = await running('cleaned');

    await service.deploy(release('2222', 'dies'), { cleanup: 'current/bin/cleanup' });

    const told = await desk.shell('cat /tmp/cleaned-cleanup');
    expect(told).toBe('2222 failed, back to good, as daemon, current is releases/2222');
  });

  it('runs no hook from outside of its folder', async ({ expect }) => {
    const service = await running('strayed');
    await desk.shell(`ln -s /usr/bin/touch ${service.root}/hook`);

    const result = await service.deploy(release('2222', 'dies'), { cleanup: 'hook' });

    expect(result.reason).toContain(`the cleanup hook hook is no executable below ${service.root}`);
  });

  it('has nothing to go back to the first time: the unit is stopped', async ({ expect }) => {
    const service = await desk.provision('novice');

    const result = await service.deploy(release('1111', 'dies'));

    expect(result).toMatchObject({ state: 'failed', version: null, good: null, active: false });
    expect(result.reason).toContain(
      'nothing was good here before, so wardnet-novice.service is stopped',
    );
    expect(await desk.shell(`ls -A ${service.root}`)).toBe('releases');
    expect(await service.observe()).toMatchObject({ state: 'absent' });
    expect(await service.deploy(GOOD)).toMatchObject({ state: 'running', version: 'good' });
  });

  it('tells of a return that fails too', async ({ expect }) => {
    const service = await running('doomed');
    await desk.shell('touch /run/doomed-is-sick');
    const { health } = service.requestOf(GOOD) as { health: { url: string } };

    const result = await service.deploy(release('2222'), { health: { ...health, seconds: 4 } });

    expect(result).toMatchObject({ state: 'failed', version: 'good', health: 'failed' });
    expect(result.reason).toContain('; the return to good failed too:');
  });

  it('restores the good version before the one that was rejected', async ({ expect }) => {
    const service = await running('held');
    await service.deploy(release('2222'));

    const back = await service.restore('2222');
    const again = await service.restore('2222');
    const further = await service.restore('good');

    expect(back).toMatchObject({
      action: 'restore',
      state: 'running',
      version: 'good',
      good: 'good',
    });
    expect(back.reason).toBe('returned to good');
    expect(again).toMatchObject({ state: 'running', version: 'good', startedAt: back.startedAt });
    expect(further).toMatchObject({ state: 'failed', version: 'good', active: true });
    expect(await service.log()).toContain('going back to good: it was held');
  });
});
