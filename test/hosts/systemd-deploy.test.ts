import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { BUCKET, REGION, ROLE_KEYS } from './aws-desk.ts';
import { openSystemdDesk } from './systemd-desk.ts';
import { release } from './systemd-releases.ts';

const desk = openSystemdDesk();

describe.concurrent('a systemd host', () => {
  it('runs the first version that is deployed, and reads back what runs', async ({ expect }) => {
    const first = await desk.provision('first');

    const result = await first.deploy(release('1111'));

    expect(result).toMatchObject({
      ...{ schema: 1, service: 'first', action: 'deploy', state: 'running', version: '1111' },
      ...{ digest: release('1111').digest, good: '1111', active: true, health: 'passed' },
    });
    expect(Date.parse(result.startedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(await first.answers()).toBe('1111');
    expect(await desk.shell('readlink /srv/wardnet/first/current')).toBe('releases/1111');
    expect(desk.aws.refusals).toEqual([]);
    expect(desk.aws.calls).toContain(`GET s3 /${BUCKET}/first/1111.tar.gz`);
  });

  it('says who put a version there by hand, until a deploy without a hold has passed', async ({
    expect,
  }) => {
    const kept = await desk.provision('kept');
    const hold = 'arn:aws:sts::444455556666:assumed-role/OnCall/alice@example.com';
    expect(await kept.deploy(release('1111'))).toMatchObject({ held: null });

    expect(await kept.deploy(release('2222'), { hold })).toMatchObject({ held: hold });
    expect(await kept.observe()).toMatchObject({ version: '2222', held: hold });
    const sick = await kept.deploy(release('3333', 'sick'));
    expect(sick).toMatchObject({ state: 'failed', version: '2222', held: hold });
    expect(await kept.deploy(release('1111'))).toMatchObject({ version: '1111', held: null });
    expect(await kept.deploy(release('2222'))).toMatchObject({ version: '2222', held: null });
  });

  it('tells what it logged where it fails, behind a bar, and nothing where it does not', async ({
    expect,
  }) => {
    const told = await desk.provision('told');
    const good = release('1111');
    const sick = release('2222', 'sick');
    for (const one of [good, sick]) told.put(one);

    expect((await desk.run(told.requestOf(good))).stderr).toBe('');
    const { stdout, stderr } = await desk.run(told.requestOf(sick));

    expect(stderr).toMatch(/^\| .* current is 2222$/m);
    expect(stderr).toMatch(/^\| .* result: failed: /m);
    expect(stderr).not.toContain('result: running');
    expect(stderr.split('\n').filter((line) => !line.startsWith('| '))).toEqual(['']);
    expect(stdout.split('\n')).toHaveLength(2);
  });

  it('does not restart what runs already', async ({ expect }) => {
    const calm = await desk.provision('calm');
    await calm.deploy(release('1111'));
    const invocation = await calm.invocation();

    expect(await calm.deploy(release('1111'))).toMatchObject({ state: 'running', version: '1111' });

    expect(await calm.invocation()).toBe(invocation);
    expect(desk.aws.calls.filter((call) => call.includes('/calm/'))).toHaveLength(1);
  });

  it('restarts what runs but is not well', async ({ expect }) => {
    const ailing = await desk.provision('ailing', 'ExecStartPre=+/bin/rm -f /run/ailing-is-sick');
    await ailing.deploy(release('1111'));
    await desk.shell('touch /run/ailing-is-sick');

    expect(await ailing.observe()).toMatchObject({ state: 'failed', health: 'failed' });
    expect(await ailing.deploy(release('1111'))).toMatchObject({
      state: 'running',
      health: 'passed',
    });
  });

  it('keeps as many releases as asked, and the good ones always', async ({ expect }) => {
    const keeper = await desk.provision('keeper');
    for (const version of ['1111', '2222', '3333', '4444'])
      await keeper.deploy(release(version), { keep: 2 });

    expect(await desk.shell('ls -A /srv/wardnet/keeper/releases')).toBe('3333\n4444');
    expect(await desk.shell('cat /var/lib/conveyor/keeper/good')).toMatch(/^4444 .*\n3333 .*\n/);
  });

  it('goes on with a process that is older than the switch to its version', async ({ expect }) => {
    const moved = await desk.provision('moved');
    await moved.deploy(release('1111'));
    await moved.deploy(release('2222'));
    await desk.shell('ln -sfn releases/1111 /srv/wardnet/moved/current');

    const seen = await moved.observe({ version: '1111' });
    const mended = await moved.deploy(release('1111'));

    expect(seen).toMatchObject({ state: 'failed', version: null });
    expect(seen.reason).toBe('the process is older than the switch to 1111');
    expect(mended).toMatchObject({ state: 'running', version: '1111' });
    expect(await moved.answers()).toBe('1111');
  });

  it('knows a process by the folder that it runs in', async ({ expect }) => {
    // Root's own process: for another user's the container lacks CAP_SYS_PTRACE, which root on a machine has.
    const unit = ['User=root', 'WorkingDirectory=/srv/wardnet/rooted/current'];
    const rooted = await desk.provision('rooted', ...unit);
    await rooted.deploy(release('1111'));
    await desk.shell('cp -a /srv/wardnet/rooted/releases/1111 /srv/wardnet/rooted/releases/2222');
    await desk.shell('ln -sfn releases/2222 /srv/wardnet/rooted/current');

    expect(await rooted.observe()).toMatchObject({ state: 'failed', version: '1111' });
  });

  it('refuses another content under a version that it has', async ({ expect }) => {
    const fixed = await desk.provision('fixed');
    await fixed.deploy(release('1111'));

    const again = await fixed.deploy({ ...release('1111', 'sick'), version: '1111' });

    expect(again).toMatchObject({
      state: 'failed',
      version: '1111',
      digest: release('1111').digest,
    });
    expect(again.reason).toContain('a version has one content');
  });

  it('says that a unit has to be provisioned first', async ({ expect }) => {
    const bare = await desk.provision('bare');
    await desk.shell(`rm /etc/systemd/system/${bare.unit}; systemctl daemon-reload`);

    const result = await bare.deploy(release('1111'));

    expect(result).toMatchObject({ state: 'failed', version: null, active: false });
    expect(result.reason).toBe('unit wardnet-bare.service is not on this host: provision it first');
  });

  it('does one thing at a time for a service, and looks beside it', async ({ expect }) => {
    const held = await desk.provision('held');
    await held.deploy(release('1111'));
    const holder = 'mkfifo /tmp/held; (flock 9; : >/tmp/held-is; read -r _ </tmp/held)';
    const holding = desk.shell(`${holder} 9<>/run/conveyor/held.lock`);
    await desk.shell('until [ -e /tmp/held-is ]; do sleep 0.1; done');

    const second = await held.deploy(release('2222'));
    const seen = await held.observe();
    await desk.shell('echo >/tmp/held');
    await holding;

    expect(second.state).toBe('busy');
    expect(second.reason).toMatch(/^another run is at work on held: P-1 deploy since 20/);
    expect(seen).toMatchObject({ state: 'running', version: '1111' });
    expect(await held.deploy(release('2222'))).toMatchObject({ state: 'running', version: '2222' });
  });

  it('leaves no trace of looking', async ({ expect }) => {
    const empty = await desk.provision('empty');

    expect(await empty.observe()).toMatchObject({ state: 'absent', version: null, good: null });

    const traces = 'ls -d /var/l*/conveyor/empty* /run/conveyor/empty* 2>/dev/null || echo none';
    expect(await desk.shell(traces)).toBe('none');
  });

  it("asks an API by its role, with a body that is nobody else's to see", async ({ expect }) => {
    const common = readFileSync(
      new URL('../../infra/documents/common.sh', import.meta.url),
      'utf8',
    );
    const body = JSON.stringify({ Name: 'a "quoted"\n\\name', Value: 'größe' });
    const ask = `printf '%s' '${body}' | aws_json ssm ${REGION} AmazonSSM.PutParameter >&3; exit 100`;
    await desk.write('/opt/ask.sh', `${common}\n${ask}\n`);

    const { stdout, code } = await desk.run({}, {}, '/opt/ask.sh');

    expect(code).toBe(0);
    const answer = JSON.parse(stdout);
    expect(answer.target).toBe('AmazonSSM.PutParameter');
    expect(JSON.parse(answer.body)).toEqual(JSON.parse(body));
  });

  it('tells no key of its role in its log', async ({ expect }) => {
    const quiet = await desk.provision('quiet');
    await quiet.deploy(release('1111'));

    const told = await desk.shell('cat /var/log/conveyor/quiet.log; cat /var/lib/conveyor/quiet/*');

    expect(told).toContain('current is 1111');
    for (const key of Object.values(ROLE_KEYS)) expect(told).not.toContain(key);
  });
});
