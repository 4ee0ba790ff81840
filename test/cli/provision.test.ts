import { describe, expect, it } from 'vitest';
import { provisioning } from './canned.ts';
import { useFakeApi } from './desk.ts';
import { run } from './run.ts';

const desk = useFakeApi();
const GET = 'GET /provisioning/prod-wealth/r_01JC0000000000000000000000';
const says = (...replies: object[]) =>
  desk.api.replies.set(
    GET,
    replies.map((body) => ({ body })),
  );

describe('conveyor provision', () => {
  it('asks for a plan of the environment, and shows each host’s changes', async () => {
    const { code, out } = await run(desk.api, ['provision', '--plan', 'prod-wealth']);

    expect(code).toBe(0);
    expect(desk.api.asked[0]).toMatch(
      /^POST \/provisioning {"environment":"prod-wealth","mode":"plan","requestId":"\w{26}"}$/,
    );
    expect(out).toContain('i-00000000000000001  create');
    expect(out).toContain('create  /etc/systemd/system/wardnet-relay.service: not there');
    expect(out).toContain('i-00000000000000002  keep');
    expect(out).toContain('1 to create, 1 to keep, 1 cannot be reached');
  });

  it('follows a run to its end, and ends as it ends', async () => {
    says(
      provisioning('running', 'waiting', 'apply'),
      provisioning('converged', 'changed', 'apply'),
    );

    const { code, out, err } = await run(desk.api, ['provision', 'relay', 'prod-wealth']);

    expect(code).toBe(0);
    expect(desk.api.asked[0]).toContain('"service":"relay","mode":"apply"');
    expect(err).toContain('prod-wealth: 0 of 2 hosts done\n');
    expect(out).toContain('prod-wealth: converged');
  });

  it.each(['incomplete', 'failed'])('ends with 1 where a run is %s', async (state) => {
    says(provisioning(state, 'failed', 'apply'));

    const { code, json } = await run(desk.api, ['provision', 'prod-wealth', '--json']);

    expect(code).toBe(1);
    expect(json.error).toMatchObject({ code: 'HostsNotProvisioned' });
    expect(json.data).toMatchObject({ run: { state } });
  });

  it('returns at once with --no-wait, and in time with --timeout', async () => {
    says(provisioning('running', 'waiting', 'apply'));

    expect((await run(desk.api, ['provision', 'prod-wealth', '--no-wait'])).code).toBe(0);
    const { code, json } = await run(desk.api, [
      ...['provision', 'prod-wealth', '--timeout', '1m', '--json'],
    ]);
    expect([code, json.error?.code]).toEqual([5, 'StillRunning']);
  });

  it('leaves the run to itself on Ctrl-C', async () => {
    const interrupted = AbortSignal.abort();

    const { code } = await run(desk.api, ['provision', 'prod-wealth'], { interrupted });

    expect([1, 130]).toContain(code);
  });

  it.each([
    [['provision'], 'an environment is needed'],
    [['provision', 'Prod'], 'an environment is named by'],
    [['provision', 'Relay', 'prod-wealth'], 'a service is named by'],
    [['provision', 'a', 'b', 'c'], 'too many arguments'],
  ])('%j is wrong usage, before anything is asked', async (args, message) => {
    const { code, json } = await run(desk.api, [...args, '--json']);

    expect([code, json.error?.message]).toEqual([2, expect.stringContaining(message)]);
    expect(desk.api.asked).toEqual([]);
  });
});
