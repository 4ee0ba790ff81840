import { beforeAll, describe, expect, it } from 'vitest';
import { declare } from './provision-declared.ts';
import { useProvisionDesk } from './provision-desk.ts';
import { deployRelease } from './provision-host.ts';

const desk = useProvisionDesk();

describe('a unit that changes', () => {
  const jobs = declare('jobs');
  const slower = declare('jobs', {}, { stopSeconds: 7 });

  beforeAll(async () => {
    await desk.apply(jobs);
    await deployRelease(desk.host, 'jobs');
    await desk.started('jobs');
  });

  it('is reloaded; its process goes on until somebody asks for the restart', async () => {
    const before = await desk.property('jobs', 'InvocationID');
    expect((await desk.planned(slower)).changes.map(({ change }) => change)).toEqual([
      'content',
      'restart',
    ]);

    const { report } = await desk.apply(slower);

    expect(report).toMatchObject({ state: 'present', restarted: false, restartPending: true });
    expect(report.changed).toEqual(['wardnet-jobs.service', 'daemon-reload']);
    expect(await desk.property('jobs', 'InvocationID')).toBe(before);
    expect(await desk.property('jobs', 'TimeoutStopUSec')).toBe('7s');

    const { report: after } = await desk.apply(slower, { restart: true });

    expect(after).toMatchObject({ state: 'present', restarted: true, restartPending: false });
    expect(await desk.property('jobs', 'InvocationID')).not.toBe(before);
    expect((await desk.apply(slower, { restart: true })).report.restarted).toBe(false);
  });

  it('is not restarted for it once somebody else did', async () => {
    await desk.apply(jobs);
    await desk.host.sh('systemctl restart wardnet-jobs');
    const before = await desk.property('jobs', 'InvocationID');

    const { report } = await desk.apply(jobs, { restart: true });

    expect(report).toMatchObject({ restarted: false, restartPending: false });
    expect(await desk.property('jobs', 'InvocationID')).toBe(before);
  });

  it('is put back after a change by hand, of the file, its mode or its being enabled', async () => {
    await desk.host.sh(`chmod 0664 /etc/systemd/system/wardnet-jobs.service
      echo 'User=root' >>/etc/systemd/system/wardnet-jobs.service; systemctl disable wardnet-jobs`);
    expect((await desk.planned(jobs)).changes.map(({ change }) => change)).toEqual(
      expect.arrayContaining(['content', 'enable']),
    );

    await desk.apply(jobs);

    const changes = [{ part: 'unit', change: 'restart' }];
    expect(await desk.planned(jobs)).toMatchObject({ action: 'change', changes });
    await desk.host.sh('systemctl restart wardnet-jobs');
    expect(await desk.planned(jobs)).toMatchObject({ action: 'none' });
  });
});
