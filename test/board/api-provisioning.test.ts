import { describe, expect, it } from 'vitest';
import { ProvisionReply } from '../../lambdas/board/contract.ts';
import { prod, relay } from '../promote/shop.ts';
import { openApi } from './desk.ts';

const requestId = '01KJMMA8KA13XTXPXYN9CPZ7VK';
const asked = { environment: prod, mode: 'plan', requestId };

const openProvisioned = () =>
  openApi({
    services: [relay],
    target: { systemd: { hosts: 'wardnet:relay=true', provision: {} } },
  });

describe('the API, asked to provision', () => {
  it('opens a run by the name of the request, starts it once for each answer, and tells how it stands', async () => {
    const { post, get, started } = openProvisioned();

    const { status, body } = await post('/provisioning', { ...asked, service: relay });

    expect(status).toBe(201);
    expect(ProvisionReply.parse(body).run).toMatchObject({
      run: `r_${requestId}`,
      state: 'waiting',
      mode: 'plan',
      service: relay,
      askedBy: 'raj',
    });
    expect(started).toEqual([
      { run: `r_${requestId}`, environment: prod, mode: 'plan', service: relay },
    ]);
    await post('/provisioning', { ...asked, service: relay });
    expect(new Set(started.map(({ run }) => run)).size).toBe(1);
    const seen = await get(`/provisioning/prod/r_${requestId}`);
    expect(seen.body.run).toEqual(body.run);
  });

  it.each([
    [{ ...asked, environment: 'nowhere' }, 404, 'There is no environment nowhere'],
    [{ ...asked, service: 'nothing' }, 404, 'There is no service nothing'],
    [{ ...asked, mode: 'force' }, 400, 'mode'],
    [{ ...asked, requestId: '../x' }, 400, 'requestId'],
  ])('refuses %j', async (request, status, message) => {
    const { post, started } = openProvisioned();

    const answer = await post('/provisioning', request);

    expect([answer.status, answer.body.error.message]).toEqual([
      status,
      expect.stringContaining(message),
    ]);
    expect(started).toEqual([]);
  });

  it('refuses a service that declares none, and says what to write', async () => {
    const { post } = openApi();

    const { status, body } = await post('/provisioning', { ...asked, service: 'payments' });

    expect([status, body.error]).toMatchObject([
      400,
      {
        message: 'payments declares no provisioning in prod',
        fix: expect.stringContaining('target.systemd.provision'),
      },
    ]);
  });

  it.each(['r_0000', '..%2Fx', 'a b'])('knows no run %s', async (run) => {
    const { get } = openProvisioned();

    expect([400, 404]).toContain((await get(`/provisioning/prod/${run}`)).status);
  });
});
