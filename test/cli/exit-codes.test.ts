import { describe, expect, it } from 'vitest';
import { FINAL_STATES } from '../../lambdas/domain/promotion.ts';
import { sample } from '../view/sample.ts';
import { notFound, waiting } from './canned.ts';
import { useFakeApi } from './desk.ts';
import { run } from './run.ts';

const desk = useFakeApi();
const id = waiting.id;
const short = id.slice(0, 14);

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
    desk.api.replies.set('GET /history', [
      { status: 400, body: { error: { code, message: 'm' } } },
    ]);
    expect((await run(desk.api, ['history'])).code).toBe(exit);
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
    desk.api.replies.set('POST /promotions', [{ body: { promotion: sample({ state, cause }) } }]);
    const { code, json } = await run(desk.api, [
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
    [['status', 'x', 'y', 'z'], 'too many arguments'],
    [['status', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
  ])('%j is wrong usage: 2, before anything is asked', async (args, message) => {
    const { code, json } = await run(desk.api, [...args, '--json']);
    expect([code, json.error?.code]).toEqual([2, 'InvalidInput']);
    expect(json.error?.message).toContain(message);
    expect(json.error?.next[0]).toMatch(/^conveyor .*--help$/);
    expect(desk.api.asked).toEqual([]);
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
    [['status', 'paymets'], 'no service is called paymets', 'Did you mean payments?'],
    [['history', 'paymets', 'qa'], 'no service is called paymets', 'Did you mean payments?'],
    [['why', '1042', 'qaa'], 'no environment is called qaa', 'Did you mean qa?'],
    [['why', '9999', 'qa'], 'not found', undefined],
  ])('%j: says what was probably meant', async (args, message, fix) => {
    for (const route of ['POST /promotions', 'GET /releases', 'GET /history', 'GET /why'])
      desk.api.replies.set(route, [notFound]);
    const { code, json } = await run(desk.api, [...args, '--json']);
    expect([code, json.error?.message, json.error?.fix]).toEqual([2, message, fix]);
  });
});

it('tells an empty list of something that exists from a name that does not', async () => {
  desk.api.replies.set('GET /releases', [{ body: { releases: [] } }]);
  expect(await run(desk.api, ['releases', 'payments'])).toMatchObject({
    code: 0,
    out: 'No release was pushed yet.\n',
  });
  expect((await run(desk.api, ['releases', 'paymnets', '--json'])).json.error?.fix).toBe(
    'Did you mean payments?',
  );
});
