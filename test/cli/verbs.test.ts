import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha, waiting } from './canned.ts';
import { useFakeApi } from './desk.ts';
import { run } from './run.ts';

const desk = useFakeApi();
const id = waiting.id;
const short = id.slice(0, 14);

const VERBS: [string, string[]][] = [
  ['status', ['status']],
  ['promote', ['promote', 'payments', 'prod-wealth', '--reason', 'fix rounding']],
  ['promote --wait', ['promote', 'payments', 'prod-wealth', '--wait']],
  ['promote --attach', ['promote', '--attach', id]],
  ['deploy', ['deploy', 'payments', 'prod-wealth', '--sha', sha]],
  ['approve', ['approve', short]],
  ['reject', ['reject', short, '--note', 'not today']],
  ['rollback', ['rollback', 'payments', 'prod-wealth', '--to', '1038']],
  ['history', ['history', 'payments']],
  ['why', ['why', 'payments', 'prod-wealth']],
  ['releases', ['releases', 'payments']],
  ['provision --plan', ['provision', '--plan', 'prod-wealth']],
  ['validate', ['validate']],
];

describe.each(VERBS)('%s', (name, args) => {
  it('prints its result, and only that, on stdout', async () => {
    const { code, out, err } = await run(desk.api, args, { cwd: resolve('examples/forge') });
    expect(code).toBe(0);
    expect({ out, err }).toMatchSnapshot();
  });

  it('prints one JSON object with its schema', async () => {
    const { code, out, json } = await run(desk.api, [...args, '--json', '--quiet'], {
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
      for (const route of desk.api.replies.keys())
        desk.api.replies.set(route, [
          { status: 403, body: { error: { code: 'NotAllowed', message: 'no', fix: 'ask' } } },
        ]);
      const { code, json } = await run(desk.api, [...args, '--json']);
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
    for (const route of desk.api.replies.keys())
      desk.api.replies.set(route, [
        { status: 409, body: { error: { code: 'Conflict', message: 'in the way\u001b[2J' } } },
      ]);
    const { code, out, err } = await run(desk.api, args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('Conflict: in the way [2J\n');
    expect(err).toMatch(/next: conveyor .+\n$/);
  });
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
  ['push'],
  ['deploy'],
  ['provision'],
  ['init'],
  ['validate'],
])('explains itself: %s --help', async (...verb) => {
  const { code, out, err } = await run(desk.api, [...verb, '--help']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatchSnapshot();
});
