import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { NEXT } from '../../lambdas/view/next.ts';
import { cannedReplies, sha, waiting } from './canned.ts';
import { useFakeApi } from './desk.ts';
import { run } from './run.ts';
import { openServiceDesk, SHA } from './service-desk.ts';

const desk = useFakeApi();
const id = waiting.id;
const short = id.slice(0, 14);

it('proposes nothing that it would not accept', async () => {
  const proposals = [
    NEXT.status(),
    NEXT.follow(id),
    NEXT.promote('payments', 'qa'),
    NEXT.push('relay', SHA),
    NEXT.deploy('payments', 'prod-wealth', sha),
    NEXT.deploy('payments', 'prod-wealth', '1042'),
    NEXT.approve(short),
    NEXT.approve(id),
    NEXT.reject(short),
    NEXT.rollback('payments', 'qa'),
    NEXT.rollback('payments', 'qa', '1041'),
    NEXT.why('payments', 'qa'),
    NEXT.history('payments'),
    NEXT.history('payments', 'qa'),
    NEXT.releases('payments'),
    NEXT.provision('prod-wealth', 'plan'),
    NEXT.provision('prod-wealth'),
    NEXT.validate(),
    NEXT.validate('conveyor.yaml'),
    NEXT.help(),
    NEXT.help('promote'),
  ];
  expect(new Set(proposals.map((command) => command.split(' ')[1])).size).toBeGreaterThanOrEqual(
    Object.keys(NEXT).length - 1,
  );
  const service = await openServiceDesk();
  for (const command of proposals) {
    cannedReplies(desk.api);
    const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)]
      .map(([, quoted, bare]) => quoted ?? bare ?? '')
      .slice(1);
    const ran = command.startsWith('conveyor push')
      ? await service.run(args)
      : await run(desk.api, args, { cwd: resolve('examples/forge') });
    expect([command, ran.code]).toEqual([command, 0]);
  }
});
