import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FINAL_STATES } from '../../lambdas/domain/promotion.ts';
import { NEXT } from '../../lambdas/view/next.ts';
import { promoted, sample } from '../view/sample.ts';
import { cannedReplies, notFound, status, waiting } from './canned.ts';
import { type FakeApi, startFakeApi } from './fake-api.ts';
import { awsEnv, run } from './run.ts';

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
  Object.assign(process.env, awsEnv(api));
});
afterAll(() => api.close());
beforeEach(() => cannedReplies(api));

const id = waiting.id;
const short = id.slice(0, 14);

const VERBS: [string, string[]][] = [
  ['status', ['status']],
  ['promote', ['promote', 'payments', 'prod-wealth', '--reason', 'fix rounding']],
  ['promote --wait', ['promote', 'payments', 'prod-wealth', '--wait']],
  ['promote --attach', ['promote', '--attach', id]],
  ['approve', ['approve', short]],
  ['reject', ['reject', short, '--note', 'not today']],
  ['rollback', ['rollback', 'payments', 'prod-wealth', '--to', '1038']],
  ['history', ['history', 'payments']],
  ['why', ['why', 'payments', 'prod-wealth']],
  ['releases', ['releases', 'payments']],
  ['validate', ['validate']],
];

describe.each(VERBS)('%s', (name, args) => {
  it('prints its result, and only that, on stdout', async () => {
    const { code, out, err } = await run(api, args, { cwd: resolve('examples/forge') });
    expect(code).toBe(0);
    expect({ out, err }).toMatchSnapshot();
  });

  it('prints one JSON object with its schema', async () => {
    const { code, out, json } = await run(api, [...args, '--json', '--quiet'], {
      cwd: resolve('examples/forge'),
    });
    expect([code, json.schema, json.error]).toEqual([
      0,
      `conveyor/v1/${name.split(' ')[0]}`,
      undefined,
    ]);
    expect(out.trimEnd()).not.toContain('\n');
  });
});

describe('every verb that asks the API', () => {
  const asking = VERBS.filter(([name]) => name !== 'validate');

  it.each(asking)(
    '%s tells an error as JSON with a code and what to type next',
    async (_, args) => {
      for (const route of api.replies.keys())
        api.replies.set(route, [
          { status: 403, body: { error: { code: 'NotAllowed', message: 'no', fix: 'ask' } } },
        ]);
      const { code, json } = await run(api, [...args, '--json']);
      expect(code).toBe(4);
      expect(json.error).toMatchObject({
        code: 'NotAllowed',
        message: 'no',
        fix: 'ask',
        docs: 'docs/runbook.md#not-allowed',
      });
      expect(json.error?.next[0]).toMatch(/^conveyor /);
      expect(json.error?.next).not.toContain(`conveyor ${args.join(' ')}`);
    },
  );

  it.each(asking)('%s tells an error on stderr, and nothing on stdout', async (_, args) => {
    for (const route of api.replies.keys())
      api.replies.set(route, [
        { status: 409, body: { error: { code: 'Conflict', message: 'in the way\u001b[2J' } } },
      ]);
    const { code, out, err } = await run(api, args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('Conflict: in the way [2J\n');
    expect(err).toMatch(/next: conveyor .+\n$/);
  });
});

describe('exit codes', () => {
  it.each<[string, number]>([
    ['InvalidInput', 2],
    ['NotFound', 2],
    ['Refused', 3],
    ['NotAllowed', 4],
    ['Conflict', 1],
    ['Unavailable', 1],
    ['RegistryUnavailable', 1],
    ['SomethingNew', 2],
  ])('%s from the stack is %i', async (code, exit) => {
    api.replies.set('GET /history', [{ status: 400, body: { error: { code, message: 'm' } } }]);
    expect((await run(api, ['history'])).code).toBe(exit);
  });

  const EXITS = {
    promoted: 0,
    superseded: 3,
    rejected: 3,
    expired: 3,
    refused: 3,
    quarantined: 3,
    failed: 1,
    aborted: 1,
    'rolled back': 1,
  };
  it.each(FINAL_STATES)('a promotion that ended %s is told truthfully', async (state) => {
    const cause =
      state === 'failed'
        ? { code: 'DigestConflict', message: 'other bytes', step: 'copy' }
        : undefined;
    api.replies.set('POST /promotions', [{ body: { promotion: sample({ state, cause }) } }]);
    const { code, json } = await run(api, [
      'promote',
      'payments',
      'prod-wealth',
      '--wait',
      '--json',
    ]);
    expect(code).toBe(EXITS[state]);
    expect(json.data).toMatchObject({ promotion: { state } });
    expect(json.error === undefined).toBe(code === 0);
    if (state === 'failed')
      expect(json.error).toMatchObject({ code: 'DigestConflict', where: { step: 'copy' } });
  });

  it.each([
    [[], 'no verb was given'],
    [['stats'], "unknown command 'stats' (Did you mean status?)"],
    [['promote'], 'a service and an environment are needed'],
    [['promote', 'Payments', 'qa'], 'a service is named by lower-case letters'],
    [['promote', 'payments', 'qa', '--timeout', '90'], '--timeout: a duration is a whole number'],
    [['promote', 'payments', 'qa', '--version', 'a b'], 'a version must be a legal image tag'],
    [['promote', '--attach', id, '--reason', 'x'], "cannot be used with option '--reason <text>'"],
    [['promote', 'payments', '--attach', id], '--attach follows one promotion'],
    [['approve'], "missing required argument 'id'"],
    [['approve', 'p_1'], 'a promotion id is p_ and at least 4'],
    [['approve', '../status'], 'a promotion id is p_ and at least 4'],
    [['reject', short], "required option '--note <text>' not specified"],
    [['reject', short, '--note', ' '], '--note: it is empty'],
    [['status', 'x'], 'too many arguments'],
    [['status', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
  ])('%j is wrong usage: 2, before anything is asked', async (args, message) => {
    const { code, json } = await run(api, [...args, '--json']);
    expect([code, json.error?.code]).toEqual([2, 'InvalidInput']);
    expect(json.error?.message).toContain(message);
    expect(json.error?.next[0]).toMatch(/^conveyor .*--help$/);
    expect(api.asked).toEqual([]);
  });
});

describe('names that the stack does not know', () => {
  it.each([
    [['promote', 'paymnets', 'qa'], 'no service is called paymnets', 'Did you mean payments?'],
    [
      ['rollback', 'payments', 'prod-weath'],
      'no environment is called prod-weath',
      'Did you mean prod-wealth?',
    ],
    [['releases', 'zebra'], 'no service is called zebra', 'Give one of: payments, pricing.'],
    [['history', 'paymets', 'qa'], 'no service is called paymets', 'Did you mean payments?'],
    [['why', '1042', 'qaa'], 'no environment is called qaa', 'Did you mean qa?'],
    [['why', '9999', 'qa'], 'not found', undefined],
  ])('%j: says what was probably meant', async (args, message, fix) => {
    for (const route of ['POST /promotions', 'GET /releases', 'GET /history', 'GET /why'])
      api.replies.set(route, [notFound]);
    const { code, json } = await run(api, [...args, '--json']);
    expect([code, json.error?.message, json.error?.fix]).toEqual([2, message, fix]);
  });
});

it('tells an empty list of something that exists from a name that does not', async () => {
  api.replies.set('GET /releases', [{ body: { releases: [] } }]);
  expect(await run(api, ['releases', 'payments'])).toMatchObject({
    code: 0,
    out: 'No release was pushed yet.\n',
  });
  expect((await run(api, ['releases', 'paymnets', '--json'])).json.error?.fix).toBe(
    'Did you mean payments?',
  );
});

describe('what is sent', () => {
  it('carries one id per intention, also when asked again after a lost answer', async () => {
    api.replies.get('POST /promotions')?.unshift({ status: 502, body: '<html>' });
    await run(api, [
      'promote',
      'payments',
      'qa',
      '--version',
      '1042',
      '--reason',
      'x',
      '--approval',
    ]);
    const bodies = api.asked.map((line) => JSON.parse(line.replace('POST /promotions ', '')));
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
    await run(api, ['rollback', 'payments', 'qa', '--to', '1038']);
    expect(JSON.parse(api.asked[0]?.replace('POST /promotions ', '') ?? '')).toMatchObject({
      kind: 'rollback',
      service: 'payments',
      environment: 'qa',
      version: '1038',
    });
  });

  it('decides once, by a whole id or its beginning, in any case', async () => {
    await run(api, ['approve', id]);
    await run(api, ['approve', short.toLowerCase(), '--note', 'seen']);
    await run(api, ['reject', id.slice(0, 8), '--note', 'no']);
    expect(api.asked.filter((line) => line !== 'GET /status')).toEqual([
      `POST /promotions/${id}/decision {"decision":"approve"}`,
      `POST /promotions/${id}/decision {"decision":"approve","note":"seen"}`,
      `POST /promotions/${id}/decision {"decision":"reject","note":"no"}`,
    ]);
  });

  it('decides nothing when the beginning fits more than one, or none', async () => {
    const other = sample({ id: `${id.slice(0, -1)}B`, service: 'pricing' });
    api.replies.set('GET /status', [{ body: { ...status, yours: [waiting, other] } }]);
    const two = await run(api, ['approve', short, '--json']);
    expect([two.code, two.json.error?.code]).toEqual([2, 'InvalidInput']);
    expect(two.json.error?.message).toContain(`${other.id} (pricing into prod-wealth)`);
    const none = await run(api, ['approve', 'p_01ZZZZ', '--json']);
    expect([none.code, none.json.error?.code]).toEqual([2, 'NotFound']);
    expect(api.asked.filter((line) => line.startsWith('POST'))).toEqual([]);
  });

  it('follows by the beginning of an id that has ended', async () => {
    const ended = promoted({ id: 'p_01JA0000000000000000000000' });
    api.replies.set('GET /history', [{ body: { promotions: [ended] } }]);
    api.replies.set(`GET /promotions/${ended.id}`, [{ body: { promotion: ended } }]);
    expect((await run(api, ['promote', '--attach', 'p_01JA00'])).code).toBe(0);
  });

  it('does not decide again when the answer is lost', async () => {
    api.replies.set(`POST /promotions/${id}/decision`, [{ status: 503, body: {} }]);
    expect((await run(api, ['approve', id])).code).toBe(1);
    expect(api.asked).toHaveLength(1);
  });

  it('escapes what was typed', async () => {
    await run(api, ['why', "sha256:1&environment=x#'*", 'prod-wealth']);
    expect(api.asked[0]).toBe(
      'GET /why?artifact=sha256%3A1%26environment%3Dx%23%27%2A&environment=prod-wealth',
    );
  });

  it.each(['http://conveyor.example/', 'ftp://127.0.0.1/', 'conveyor'])(
    'never goes to %s',
    async (endpoint) => {
      const { code, json } = await run(api, ['status', '--json', '--endpoint', endpoint]);
      expect([code, json.error?.code]).toEqual([2, 'InvalidInput']);
    },
  );

  it('reaches a name under .localhost, whatever the resolver knows', async () => {
    const url = new URL(api.url);
    url.hostname = 'abc.lambda-url.us-east-1.localhost';
    const { code } = await run(api, ['status', '--json'], { env: { CONVEYOR_ENDPOINT: url.href } });
    expect(code).toBe(0);
  });

  it('says so when the other end is no Conveyor, of another version, or away', async () => {
    api.replies.set('GET /status', [{ body: '<html>hello</html>' }]);
    expect((await run(api, ['status', '--json'])).json.error?.message).toContain(
      'a shape that this CLI does not know',
    );
    expect(
      (await run(api, ['status', '--json', '--endpoint', 'http://127.0.0.1:1/'])).json.error,
    ).toMatchObject({ code: 'Unavailable' });
  });
});

describe('following', () => {
  const follow = (...args: string[]) => ['promote', 'payments', 'prod-wealth', '--wait', ...args];

  it('tells each step once, looks less often while nothing moves, and ends with what runs', async () => {
    const script = [waiting, waiting, waiting, promoted()].map((promotion) => ({
      body: { promotion },
    }));
    api.replies.set(`GET /promotions/${id}`, script);
    const { code, err, out, clock } = await run(api, follow());
    expect(code).toBe(0);
    expect(err.split('\n').filter((line) => line.includes('asked'))).toHaveLength(1);
    expect(err).toContain('15:02:45 copy      ok, 11 blobs sent (412 MB), 31 already there\n');
    expect(out).toBe(
      'done: payments 1042 runs in prod-wealth. Undo: conveyor rollback payments prod-wealth\n',
    );
    expect(clock.slept[0]).toBe(1000);
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(5000);
  });

  it('looks at least every 5 s, and gives up at --timeout with 5', async () => {
    api.replies.set(`GET /promotions/${id}`, [{ body: { promotion: waiting } }]);
    const { code, json, clock } = await run(api, follow('--timeout', '2m', '--json'));
    expect([code, json.error?.code, json.error?.next]).toEqual([
      5,
      'StillRunning',
      [NEXT.follow(id)],
    ]);
    expect(clock.slept.slice(-3)).toEqual([5000, 5000, 5000]);
  });

  it('survives a look that fails', async () => {
    api.replies.set(`GET /promotions/${id}`, [
      ...Array(3).fill({ status: 503, body: {} }),
      { body: { promotion: promoted() } },
    ]);
    expect((await run(api, follow())).code).toBe(0);
  });

  it('says nothing on the way when told to be quiet', async () => {
    expect((await run(api, follow('--quiet'))).err).toBe('');
  });

  it('rewrites one line on a terminal, with colour only where it is wanted', async () => {
    const coloured = await run(api, follow(), { tty: true });
    expect(coloured.err).toContain(
      '\u001b[2K\u001b[2mawaiting approval: approval: 1 more of Li or Tom'.replace(
        'Li or Tom',
        'li or tom',
      ),
    );
    cannedReplies(api);
    const plain = await run(api, follow(), { tty: true, env: { NO_COLOR: '1' } });
    expect(plain.err).not.toContain('\u001b[2m');
    cannedReplies(api);
    expect((await run(api, follow(), { tty: true, env: { CI: 'true' } })).err).not.toContain(
      '\u001b',
    );
  });

  it('leaves the promotion running on Ctrl-C, and says how to follow it', async () => {
    api.replies.set(`GET /promotions/${id}`, [{ body: { promotion: waiting } }]);
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 100);
    const { code, json } = await run(api, follow('--json', '--timeout', '999999d'), {
      interrupted: interrupt.signal,
    });
    expect([code, json.error?.code, json.error?.next]).toEqual([
      130,
      'Interrupted',
      [NEXT.follow(id)],
    ]);
    expect(api.asked.every((line) => !line.includes('abort'))).toBe(true);
  });
});

it('proposes nothing that it would not accept', async () => {
  const proposals = [
    NEXT.status(),
    NEXT.follow(id),
    NEXT.promote('payments', 'qa'),
    NEXT.approve(short),
    NEXT.approve(id),
    NEXT.reject(short),
    NEXT.rollback('payments', 'qa'),
    NEXT.why('payments', 'qa'),
    NEXT.history('payments'),
    NEXT.history('payments', 'qa'),
    NEXT.releases('payments'),
    NEXT.validate(),
    NEXT.validate('conveyor.yaml'),
    NEXT.help(),
    NEXT.help('promote'),
  ];
  expect(new Set(proposals.map((command) => command.split(' ')[1])).size).toBeGreaterThanOrEqual(
    Object.keys(NEXT).length - 1,
  );
  for (const command of proposals) {
    cannedReplies(api);
    const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)]
      .map(([, quoted, bare]) => quoted ?? bare ?? '')
      .slice(1);
    expect([command, (await run(api, args, { cwd: resolve('examples/forge') })).code]).toEqual([
      command,
      0,
    ]);
  }
});

it.each([
  [],
  ['status'],
  ['promote'],
  ['approve'],
  ['reject'],
  ['rollback'],
  ['history'],
  ['why'],
  ['releases'],
  ['validate'],
])('explains itself: %s --help', async (...verb) => {
  const { code, out, err } = await run(api, [...verb, '--help']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatchSnapshot();
});
