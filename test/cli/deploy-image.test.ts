import { describe, expect, it } from 'vitest';
import { payments, qa } from '../promote/shop.ts';
import { deployment, openServiceDesk, SHA } from './service-desk.ts';

describe('conveyor deploy of an image', () => {
  const imageDesk = async () => {
    const desk = await openServiceDesk();
    for (const environment of ['dev', 'qa', 'prod'])
      desk.write(
        `deployments/${environment}.yaml`,
        deployment({ service: 'payments', artifact: 'image: forge/payments' }),
      );
    await desk.world.push(payments, '1042');
    return desk;
  };

  it('brings the build that CI has pushed into the next stage', async () => {
    const desk = await imageDesk();

    const { code } = await desk.run(['deploy', 'payments', 'qa', '--json'], {
      env: { BUILD_BUILDID: '1042' },
    });

    expect(code).toBe(0);
    expect(await desk.world.line(payments, qa)).toMatchObject({ landed: { version: '1042' } });
  });

  it('takes the tag as it is typed, and asks for it where nobody says', async () => {
    const desk = await imageDesk();

    const typed = await desk.run(['deploy', 'payments', 'qa', '--version', '1042', '--json']);
    const untold = await desk.run(['deploy', 'payments', 'qa', '--json']);
    const pushed = await desk.run(['push', '--sha', SHA, '--json']);

    expect([typed.code, untold.code, pushed.code]).toEqual([0, 2, 2]);
    expect(untold.json.error).toMatchObject({ fix: 'Give its tag: --version <build>' });
  });

  it('says by its tag what to ask for again, and where to look for what never came', async () => {
    const desk = await imageDesk();
    const deploy = (...more: string[]) =>
      desk.run(['deploy', 'payments', 'qa', '--version', '1043', '--json', ...more]);

    const late = await deploy('--timeout', '1m');
    const never = await deploy('--timeout', '5h');

    expect([late.code, late.json.error?.next]).toEqual([
      5,
      ['conveyor deploy payments qa --version 1043'],
    ]);
    expect([never.code, never.json.error?.code, never.json.error?.fix]).toEqual([
      2,
      'NotFound',
      'Did CI push its image, with the tag 1043, to the registry of the first stage? conveyor releases payments',
    ]);
  });
});
