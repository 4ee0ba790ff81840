import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { cannedReplies } from './canned.ts';
import { type FakeApi, startFakeApi } from './fake-api.ts';
import { awsEnv, run } from './run.ts';

let api: FakeApi;
let ssm: Server;
let published: string | undefined;
const asked: string[] = [];

/** The one call of SSM that the CLI makes. */
beforeAll(async () => {
  api = await startFakeApi();
  ssm = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push(`${request.headers['x-amz-target']} ${body}`);
    const reply =
      published === undefined
        ? { __type: 'ParameterNotFound' }
        : { Parameter: { Name: '/conveyor/api/url', Value: published } };
    response.writeHead(published === undefined ? 400 : 200, {
      'content-type': 'application/x-amz-json-1.1',
    });
    response.end(JSON.stringify(reply));
  });
  await new Promise<void>((done) => ssm.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(ssm.address() as AddressInfo).port}`;
  Object.assign(process.env, awsEnv(api), { AWS_ENDPOINT_URL_SSM: endpoint });
});
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_SSM;
  ssm.close();
  await api.close();
});
beforeEach(() => {
  cannedReplies(api);
  asked.length = 0;
});

const nowhere = { env: { CONVEYOR_ENDPOINT: undefined } };

it('finds the API by what its stack published in SSM', async () => {
  published = api.url;
  expect((await run(api, ['status', '--json'], nowhere)).code).toBe(0);
  expect(asked).toEqual(['AmazonSSM.GetParameter {"Name":"/conveyor/api/url"}']);
});

it('says that nothing is deployed there, and where it looked', async () => {
  published = undefined;
  const { code, json } = await run(api, ['status', '--json'], nowhere);
  expect([code, json.error?.code]).toEqual([2, 'NotFound']);
  expect(json.error?.message).toContain('SSM has no /conveyor/api/url in us-east-1');
});

it('asks SSM nothing when it is told', async () => {
  await run(api, ['status', '--json'], { env: { CONVEYOR_ENDPOINT: 'http://127.0.0.1:1/' } });
  expect((await run(api, ['status', '--json', '--endpoint', api.url], nowhere)).code).toBe(0);
  expect(asked).toEqual([]);
});

it('keeps a prefix of the endpoint, and signs for the path that the stack sees', async () => {
  const prefixed = await run(api, ['status', '--json', '--endpoint', `${api.url}some/prefix`]);
  expect(prefixed.code).not.toBe(0);
  expect(api.asked).toEqual(['GET /some/prefix/status']);
});
