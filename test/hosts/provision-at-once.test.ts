import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyRequest, declare, requestFor } from './provision-declared.ts';
import { type Host, SCRIPT, startHost, until } from './provision-host.ts';

let host: Host;
beforeAll(async () => {
  host = await startHost('http://host.docker.internal:9');
  await host.sh('mkdir -p /run/conveyor');
});
afterAll(() => host?.remove());

/** Somebody who has this lock until it is told to stop. */
async function hold(lock: string) {
  const unit = lock.replace(/[.]/g, '-');
  await host.sh(`systemd-run --unit ${unit} flock /run/conveyor/${lock} sleep 600`);
  const take = `flock -n /run/conveyor/${lock} true`;
  await until('it is held', async () => (await host.try(take)).code === 1);
  return { end: () => host.sh(`systemctl stop ${unit}`) };
}

it('two runs are one after the other: the second is told who is at it', async () => {
  const holder = await hold('held.lock');
  const request = await applyRequest(declare('held'));

  const { code, report } = await host.provision(request);
  const { report: observed } = await host.provision(requestFor('observe', 'held'));

  expect([code, report.state]).toEqual([1, 'busy']);
  expect(observed.state).toBe('absent');
  await holder.end();
  expect((await host.provision(request)).report.state).toBe('present');
});

it('a look waits for whoever changes things there, and sees what came of it', async () => {
  const holder = await hold('seen.looks.lock');

  const looking = host.provision(requestFor('observe', 'seen'));
  // The brackets keep the question itself from being found.
  const waits = "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q 'flock -[s] -w 60'";
  await until('it waits', async () => (await host.try(waits)).code === 0);
  await host.sh('mkdir -p /etc/wardnet/services/seen');
  await holder.end();

  expect((await looking).report).toMatchObject({
    state: 'present',
    parts: { '/etc/wardnet/services/seen': { kind: 'directory' } },
  });
});

it('a look that would wait for too long says who is at work, and nothing of what is there', async () => {
  await host.sh('cat >/opt/impatient.sh', SCRIPT.replace(/^look_waits=\d+$/m, 'look_waits=1'));
  const holder = await hold('long.looks.lock');
  await host.sh('echo "P-1 apply since then" >/run/conveyor/long.lock');

  const look = await host.try('sh /opt/impatient.sh', {
    SSM_Request: requestFor('observe', 'long'),
  });

  expect(look.code).toBe(1);
  expect(JSON.parse(look.stdout)).toMatchObject({
    state: 'busy',
    reason: expect.stringContaining('another run is at work on long: P-1 apply since then'),
  });
  await holder.end();
});

it('a run holds up looks for as long as it works, and no longer', async () => {
  await host.provision(await applyRequest(declare('worked')));

  const { report } = await host.provision(requestFor('observe', 'worked'));

  expect(report).toMatchObject({ state: 'present', unit: { enabled: 'enabled' } });
  expect((await host.try('flock -n /run/conveyor/worked.looks.lock true')).code).toBe(0);
});
