import { describe, expect, it } from 'vitest';
import { promoted, sample } from '../view/sample.ts';
import { status, waiting } from './canned.ts';
import { useFakeApi } from './desk.ts';
import { run } from './run.ts';

const desk = useFakeApi();
const id = waiting.id;
const short = id.slice(0, 14);

describe('what is sent', () => {
  it('carries one id per intention, also when asked again after a lost answer', async () => {
    desk.api.replies.get('POST /promotions')?.unshift({ status: 502, body: '<html>' });
    await run(desk.api, [
      'promote',
      'payments',
      'qa',
      '--version',
      '1042',
      '--reason',
      'x',
      '--approval',
    ]);
    const bodies = desk.api.asked.map((line) => JSON.parse(line.replace('POST /promotions ', '')));
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toEqual(bodies[1]);
    expect(bodies[0]).toMatchObject({
      service: 'payments',
      environment: 'qa',
      version: '1042',
      reason: 'x',
      approval: true,
      kind: 'promotion',
    });
  });

  it('asks for a rollback as such', async () => {
    await run(desk.api, ['rollback', 'payments', 'qa', '--to', '1038']);
    expect(JSON.parse(desk.api.asked[0]?.replace('POST /promotions ', '') ?? '')).toMatchObject({
      kind: 'rollback',
      service: 'payments',
      environment: 'qa',
      version: '1038',
    });
  });

  it('decides once, by a whole id or its beginning, in any case', async () => {
    await run(desk.api, ['approve', id]);
    await run(desk.api, ['approve', short.toLowerCase(), '--note', 'seen']);
    await run(desk.api, ['reject', id.slice(0, 8), '--note', 'no']);
    expect(desk.api.asked.filter((line) => line !== 'GET /status')).toEqual([
      `POST /promotions/${id}/decision {"decision":"approve"}`,
      `POST /promotions/${id}/decision {"decision":"approve","note":"seen"}`,
      `POST /promotions/${id}/decision {"decision":"reject","note":"no"}`,
    ]);
  });

  it('decides nothing when the beginning fits more than one, or none', async () => {
    const other = sample({ id: `${id.slice(0, -1)}B`, service: 'pricing' });
    desk.api.replies.set('GET /status', [{ body: { ...status, yours: [waiting, other] } }]);
    const two = await run(desk.api, ['approve', short, '--json']);
    expect([two.code, two.json.error?.code]).toEqual([2, 'InvalidInput']);
    expect(two.json.error?.message).toContain(`${other.id} (pricing into prod-wealth)`);
    const none = await run(desk.api, ['approve', 'p_01ZZZZ', '--json']);
    expect([none.code, none.json.error?.code]).toEqual([2, 'NotFound']);
    expect(desk.api.asked.filter((line) => line.startsWith('POST'))).toEqual([]);
  });

  it('follows by the beginning of an id that has ended', async () => {
    const ended = promoted({ id: 'p_01JA0000000000000000000000' });
    desk.api.replies.set('GET /history', [{ body: { promotions: [ended] } }]);
    desk.api.replies.set(`GET /promotions/${ended.id}`, [{ body: { promotion: ended } }]);
    expect((await run(desk.api, ['promote', '--attach', 'p_01JA00'])).code).toBe(0);
  });

  it('does not decide again when the answer is lost', async () => {
    desk.api.replies.set(`POST /promotions/${id}/decision`, [{ status: 503, body: {} }]);
    expect((await run(desk.api, ['approve', id])).code).toBe(1);
    expect(desk.api.asked).toHaveLength(1);
  });

  it('escapes what was typed', async () => {
    await run(desk.api, ['why', "sha256:1&environment=x#'*", 'prod-wealth']);
    expect(desk.api.asked[0]).toBe(
      'GET /why?artifact=sha256%3A1%26environment%3Dx%23%27%2A&environment=prod-wealth',
    );
  });

  it.each(['http://conveyor.example/', 'ftp://127.0.0.1/', 'conveyor'])(
    'never goes to %s',
    async (endpoint) => {
      const { code, json } = await run(desk.api, ['status', '--json', '--endpoint', endpoint]);
      expect([code, json.error?.code]).toEqual([2, 'InvalidInput']);
    },
  );

  it('reaches a name under .localhost, whatever the resolver knows', async () => {
    const url = new URL(desk.api.url);
    url.hostname = 'abc.lambda-url.us-east-1.localhost';
    const { code } = await run(desk.api, ['status', '--json'], {
      env: { CONVEYOR_ENDPOINT: url.href },
    });
    expect(code).toBe(0);
  });

  it('says so when the other end is no Conveyor, of another version, or away', async () => {
    desk.api.replies.set('GET /status', [{ body: '<html>hello</html>' }]);
    expect((await run(desk.api, ['status', '--json'])).json.error?.message).toContain(
      'a shape that this CLI does not know',
    );
    expect(
      (await run(desk.api, ['status', '--json', '--endpoint', 'http://127.0.0.1:1/'])).json.error,
    ).toMatchObject({ code: 'Unavailable' });
  });
});
