import fc from 'fast-check';
import { describe, it } from 'vitest';
import { effort } from '../effort.ts';
import { entry } from '../intake/tarballs.ts';
import { openSystemdDesk, resultOf } from './systemd-desk.ts';
import { release } from './systemd-releases.ts';

const desk = openSystemdDesk();
const CANARY = '/tmp/canary';

/** Each would make the canary if it were ever read as shell, jq, awk, sed or a document's parameter. */
const HOSTILE = [
  `$(touch ${CANARY})`,
  `\`touch ${CANARY}\``,
  `'; touch ${CANARY}; '`,
  `"; touch ${CANARY}; "`,
  `x\ntouch ${CANARY}`,
  `good\n$(touch ${CANARY})`,
  `") | input | ("`,
  '{{ssm:x}}',
  '../../etc',
  '-rf',
  'größe',
  '\u202e\u0000',
  '',
];

const FIELDS = [
  ...[
    'service',
    'environment',
    'version',
    'digest',
    'region',
    'promotion',
    'cleanup',
    'root',
    'unit',
  ],
  ...['action', 'kind', 'keep', 'reason', 'schema', 'hold'],
];

describe('a request is data', () => {
  it('whose fields are refused, or harmless, whatever they hold', async ({ expect }) => {
    const honest = await desk.provision('honest');
    await honest.deploy(release('1111'));
    const invocation = await honest.invocation();
    const base = { ...honest.requestOf(release('1111')), action: 'observe' };
    const pairs = FIELDS.flatMap((field) => HOSTILE.map((value) => [field, value] as const));

    // A part of all pairs, another one with every seed; all of them in the full run.
    const some = fc.sample(fc.shuffledSubarray(pairs, { minLength: pairs.length }), 1)[0] ?? [];
    for (const [field, value] of some.slice(0, effort(12, pairs.length))) {
      const { state } = resultOf(await desk.run({ ...base, [field]: value }));
      // Why somebody restores is any text; an empty optional field is none.
      if (field !== 'reason' && value !== '')
        expect([field, value, state]).toEqual([field, value, 'refused']);
    }

    expect(await desk.shell(`ls ${CANARY} 2>&1 || :`)).toContain('No such file');
    expect(await honest.invocation()).toBe(invocation);
  });

  it.for([
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('{').toString('base64')],
    ['no object', Buffer.from('[1]').toString('base64')],
    ['two of them', Buffer.from('{}{}').toString('base64')],
    ['nothing', ''],
    ['no field', Buffer.from('{}').toString('base64')],
    ['an object for a field', Buffer.from('{"schema":{"a":1}}').toString('base64')],
  ] as const)('%s is refused', async ([, SSM_Request], { expect }) => {
    const run = await desk.run({}, { SSM_Request });

    expect(resultOf(run).state).toBe('refused');
  });
});

describe('a tarball', () => {
  const link = (name: string, to: string) => entry({ name, type: '2', link: to });
  const dir = (name: string) => entry({ name, type: '5', mode: 0o755 });

  it.for([
    ['absolute', [entry({ name: '/tmp/canary' })], 'a name leaves its folder'],
    ['dots', [entry({ name: 'a/../../canary' })], 'a name leaves its folder'],
    ['link', [link('out', '/etc')], 'a link that leaves its folder'],
    ['climb', [link('bin/out', '../../..')], 'a link that leaves its folder'],
    [
      'chain',
      [
        ...[dir('top/'), dir('a/'), dir('a/b/'), dir('a/b/c/')],
        ...[link('a/b/c/d', '../../../top'), link('a/b/c/e', 'd/../../x')],
      ],
      'is no file, folder or link within it',
    ],
    [
      'hard',
      [entry({ name: 'shadow', type: '1', link: '../../../../../etc/shadow' })],
      'a link that',
    ],
    ['device', [entry({ name: 'disk', type: '4' })], 'no file, folder or link: disk'],
    ['pipe', [entry({ name: 'pipe', type: '6' })], 'no file, folder or link: pipe'],
    ['setuid', [entry({ name: 'su', mode: 0o4755 })], 'setuid or setgid: su'],
    [
      'marker',
      [entry({ name: './.conveyor-release', content: 'x' })],
      "a name that is Conveyor's own",
    ],
    [
      'quotes',
      [entry({ name: 'a" -> "b\n', type: '2', link: '/etc' })],
      'a link that leaves its folder',
    ],
  ] as const)(
    'that holds: %s: is refused, and nothing of it stays',
    async ([name, parts, reason], { expect }) => {
      const service = await desk.provision(`tar-${name}`);

      const result = await service.deploy(release('1111', 'well', ...parts));

      expect(result.reason).toContain(reason);
      const left = `ls -A ${service.root}/releases; ls ${CANARY} 2>/dev/null || :`;
      expect(await desk.shell(left)).toBe('');
    },
  );

  it('of odd but honest names is unpacked', async ({ expect }) => {
    const odd = await desk.provision('odd');
    const names = ['a b', 'größe', 'back\\slash', '..dots..', 'qu"ote', 'line\nend'];
    const parts = names.map((name) => entry({ name }));

    const result = await odd.deploy(
      release(
        '1111',
        'well',
        ...parts,
        link('bin/again', '../bin/serve'),
        link('dangling', 'a/none'),
      ),
    );

    expect(result).toMatchObject({ state: 'running' });
    expect(
      await desk.shell(`find ${odd.root}/releases/1111 ! -user root -o -perm /7022 ! -type l`),
    ).toBe('');
  });
});
