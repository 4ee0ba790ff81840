import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SsmProvisioning } from '../../lambdas/adapters/ssm-provisioning.ts';
import { EnvironmentName, ServiceName } from '../../lambdas/domain/names.ts';
import { jsonPeer, refusal } from '../adapters/json-peer.ts';
import { provisioningContract } from '../contract/provisioning.contract.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryProvisioning } from '../fakes/memory-provisioning.ts';

/** The calls of Parameter Store that provisioning makes, as AWS answers them ("AWS Systems Manager API reference"). */
const parameters = new Map<string, string>();
const asked: { target: string; body: Record<string, unknown> }[] = [];
const error = (name: string) => ({ status: 400, body: { __type: name, message: name } });
const calls: Record<string, (body: Record<string, string>) => { status?: number; body: object }> = {
  GetParameter: ({ Name = '' }) => {
    const Value = parameters.get(Name);
    return Value === undefined
      ? error('ParameterNotFound')
      : { body: { Parameter: { Name, Value } } };
  },
  GetParametersByPath: ({ Path, NextToken = '0' }) => {
    const all = [...parameters].filter(([name]) => name.startsWith(`${Path}/`));
    const [from, to] = [Number(NextToken), Number(NextToken) + 10];
    const Parameters = all.slice(from, to).map(([Name, Value]) => ({ Name, Value }));
    return { body: { Parameters, ...(to < all.length && { NextToken: String(to) }) } };
  },
  PutParameter: ({ Name = '', Value = '', Overwrite }) => {
    if (parameters.has(Name) && !Overwrite) return error('ParameterAlreadyExists');
    parameters.set(Name, Value);
    return { body: { Version: 1 } };
  },
  DeleteParameter: ({ Name = '' }) =>
    parameters.delete(Name) ? { body: {} } : error('ParameterNotFound'),
};
const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const target = String(request.headers['x-amz-target']).split('.')[1] ?? '';
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  asked.push({ target, body });
  const { status = 200, body: reply } = calls[target]?.(body) ?? error('InvalidAction');
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(reply));
});

beforeAll(() => new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready)));
afterAll(() => new Promise((closed) => server.close(closed)));

const settings = { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
const open = () => {
  parameters.clear();
  const { port } = server.address() as AddressInfo;
  const ssm = new SSMClient({ ...settings, endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1 });
  return new SsmProvisioning(ssm, new FixedClock());
};

provisioningContract('Parameter Store', async () => ({
  port: open(),
  put: (name, value) => parameters.set(name, value),
}));

provisioningContract('in memory', async () => {
  const port = new MemoryProvisioning();
  return {
    port,
    put: (name, value) => {
      const [, , kind, ...rest] = name.split('/');
      const where = kind === 'provision' ? port.declared : port.credentials;
      where.set(rest.join('/'), value);
    },
  };
});

const prod = EnvironmentName.parse('prod');
const relay = ServiceName.parse('relay');

it('keeps the key of fingerprints as a SecureString, which nobody overwrites', async () => {
  const port = open();
  asked.length = 0;

  await port.fingerprintKey(prod);

  const put = asked.find(({ target }) => target === 'PutParameter');
  expect(put?.body).toMatchObject({ Type: 'SecureString', Overwrite: false });
});

it('refuses a target that somebody else wrote, and says what to do', async () => {
  const port = open();
  parameters.set('/conveyor/targets/prod/relay', '{"unit":"evil.service"}');

  await expect(port.find(prod, relay)).rejects.toMatchObject({
    name: 'InvalidInput',
    fix: expect.stringContaining('Delete the parameter /conveyor/targets/prod/relay'),
  });
});

it.each([
  ['ThrottlingException', 'Unavailable'],
  ['InternalServerError', 'Unavailable'],
  ['AccessDeniedException', 'NotAllowed'],
])('tells %s as %s, without what was asked for', async (code, name) => {
  const peer = await jsonPeer(refusal(code === 'InternalServerError' ? 500 : 400, code));
  const port = new SsmProvisioning(new SSMClient(peer.client), new FixedClock());

  await expect(port.credential(prod, relay)).rejects.toMatchObject({ name });
  await peer.close();
});
