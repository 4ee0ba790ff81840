import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Promotion } from '../../lambdas/domain/promotion.ts';
import { entry, tarball } from '../intake/tarballs.ts';
import { ana, dev, prod, qa, relay } from '../promote/shop.ts';
import { deployment, OTHER, openServiceDesk, type ServiceDesk, SHA } from './service-desk.ts';

const deploy = (environment: string, sha = SHA, ...more: string[]) => [
  'deploy',
  'relay',
  environment,
  '--sha',
  sha,
  '--json',
  ...more,
];

/** Pushes a commit and waits for nothing. */
async function push({ run, write }: ServiceDesk, sha: string): Promise<void> {
  write('dist/relay.mjs', `export const commit = '${sha}';\n`);
  expect((await run(['push', '--sha', sha])).code).toBe(0);
}

const promotionOf = (data: unknown) => (data as { promotion: Promotion }).promotion;
const posts = ({ api }: ServiceDesk) =>
  api.asked.filter((line) => line.startsWith('POST /promotions')).length;

describe('conveyor deploy', () => {
  it('follows what the push has started, to its end', async () => {
    const desk = await openServiceDesk();
    await push(desk, SHA);

    const { code, json } = await desk.run(deploy('dev'));

    expect(code).toBe(0);
    expect(await desk.world.line(relay, dev)).toMatchObject({ landed: { version: SHA } });
    expect([(await desk.world.history(relay, dev)).length, posts(desk)]).toEqual([1, 0]);
    expect(json.error).toBeUndefined();
  });

  it('waits until intake has taken in what was pushed', async () => {
    const desk = await openServiceDesk();
    const { created } = desk.s3;
    let told = () => {};
    desk.s3.created = (...upload) => {
      told = () => created(...upload);
    };
    await push(desk, SHA);
    let questions = 0;
    desk.api.heard = () => {
      questions += 1;
      if (questions === 3) told();
    };

    const { code, err } = await desk.run(deploy('dev'));

    expect([code, err.split('\n')[0]]).toEqual([
      0,
      `relay ${SHA} is not taken in yet; waiting for it`,
    ]);
  });

  it('asks for what nobody has asked for; said again, it finds it done', async () => {
    const desk = await openServiceDesk();
    await push(desk, SHA);
    await desk.run(deploy('dev'));

    const first = await desk.run(deploy('qa', SHA, '--reason', 'release 7'));
    const second = await desk.run(deploy('qa'));

    expect([first.code, second.code, posts(desk)]).toEqual([0, 0, 1]);
    expect(promotionOf(first.json.data)).toMatchObject({
      state: 'promoted',
      kind: 'promotion',
      reason: 'release 7',
      version: SHA,
    });
    expect(second.json.data).toMatchObject({ outcome: 'already-there', landed: { version: SHA } });
  });

  it('is one promotion where a job and its retry ask at once', async () => {
    const desk = await openServiceDesk();
    await push(desk, SHA);
    await desk.run(deploy('dev'));

    const both = await Promise.all([desk.run(deploy('qa')), desk.run(deploy('qa'))]);

    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(await desk.world.history(relay, qa)).toHaveLength(1);
  });

  it('goes back to an older commit, also where only the latest may go on', async () => {
    const desk = await openServiceDesk();
    for (const sha of [SHA, OTHER]) {
      desk.world.clock.advance(60_000);
      await push(desk, sha);
      await desk.run(deploy('dev', sha));
      await desk.run(deploy('qa', sha));
    }

    const { code, json, err } = await desk.run(deploy('qa', SHA));
    const forward = await desk.run(deploy('qa', OTHER));

    expect([code, promotionOf(json.data).kind]).toEqual([0, 'rollback']);
    expect(err).toContain(`going back from ${OTHER} to ${SHA}, which ran there`);
    expect([forward.code, promotionOf(forward.json.data).kind]).toEqual([0, 'promotion']);
    expect(await desk.world.line(relay, qa)).toMatchObject({ landed: { version: OTHER } });
  });

  it('does not put an overtaken commit over the newer one that nobody asked to leave', async () => {
    const desk = await openServiceDesk({ changes: { dev: { strategy: 'latest' } } });
    const { created } = desk.s3;
    const held: (() => void)[] = [];
    desk.s3.created = (...told) => held.push(() => created(...told));
    await push(desk, SHA);
    desk.world.clock.advance(60_000);
    await push(desk, OTHER);
    held.pop()?.();
    expect((await desk.run(deploy('dev', OTHER))).code).toBe(0);
    held.pop()?.();

    const { code, json } = await desk.run(deploy('dev', SHA));

    expect([code, json.error?.code]).toEqual([3, 'Refused']);
    expect(promotionOf(json.data).state).toBe('superseded');
    expect(await desk.world.line(relay, dev)).toMatchObject({ landed: { version: OTHER } });
  });

  it('ends with 5 while somebody is to approve, and follows that same promotion when it is run again', async () => {
    const desk = await openServiceDesk();
    await push(desk, SHA);
    await desk.run(deploy('dev'));
    await desk.run(deploy('qa'));

    const asked = await desk.run(deploy('prod', SHA, '--timeout', '1m'));
    const [waiting] = await desk.world.history(relay, prod);
    const accepted = await desk.run(deploy('prod', SHA, '--no-wait'));
    // Who asked is li, so another one says yes.
    await desk.world.vote(waiting?.id as Promotion['id'], ana, 'approve');
    const again = await desk.run(deploy('prod'));

    expect([asked.code, asked.json.error?.code]).toEqual([5, 'StillRunning']);
    expect(asked.json.error?.next).toEqual([`conveyor promote --attach ${waiting?.id}`]);
    expect([accepted.code, promotionOf(accepted.json.data).id]).toEqual([0, waiting?.id]);
    expect(again.code).toBe(0);
    expect(await desk.world.history(relay, prod)).toHaveLength(1);
  });
});

describe('what conveyor deploy does not do', () => {
  it('wait for what intake has refused: it says why', async () => {
    const desk = await openServiceDesk();
    const bad = tarball(entry({ name: '../etc/passwd' }));
    desk.store.put(`relay/${SHA}.tar.gz`, bad);
    desk.s3.created('conveyor-store-111111111111-us-east-1', `relay/${SHA}.tar.gz`);

    const { code, json } = await desk.run(deploy('dev'));

    expect([code, json.error?.code]).toEqual([3, 'Refused']);
    expect(json.error?.message).toContain('../etc/passwd');
  });

  it('wait for ever for what was never pushed', async () => {
    const { run } = await openServiceDesk();

    const { code, json, clock } = await run(deploy('dev', SHA, '--timeout', '5h'));

    expect([code, json.error?.code]).toEqual([2, 'NotFound']);
    expect(json.error?.fix).toBe(`Was it pushed? conveyor push relay --sha ${SHA}`);
    expect(clock.slept.reduce((sum, pause) => sum + pause, 0) / 1_000).toBeLessThan(1_300);
  });

  it('wait longer than it is told to', async () => {
    const { run } = await openServiceDesk();

    const { code, json } = await run(deploy('dev', SHA, '--timeout', '1m'));

    expect([code, json.error?.code, json.error?.next]).toEqual([
      5,
      'StillRunning',
      [`conveyor deploy relay dev --sha ${SHA}`],
    ]);
  });

  it('skip a stage: the gate says so', async () => {
    const desk = await openServiceDesk();
    await push(desk, SHA);

    const { code, json } = await desk.run(deploy('prod'));

    expect([code, json.error?.message]).toEqual([
      3,
      expect.stringContaining(`${SHA} was never promoted in qa`),
    ]);
  });

  it.each([
    [['deploy', 'relay', 'staging'], 'NotFound', 'there is no deployments/staging.yaml'],
    [['deploy', 'orders', 'dev'], 'InvalidInput', 'names the service relay, not orders'],
    [['deploy', 'relay', 'dev', '--sha', 'a1b2c3d'], 'InvalidInput', 'is no whole commit SHA'],
  ])('%j: it says what is wrong, before anything is asked', async (args, error, message) => {
    const { run, api } = await openServiceDesk();

    const { code, json } = await run([...args, '--json'], { env: { GITHUB_SHA: SHA } });

    expect([code, json.error?.code, api.asked]).toEqual([2, error, []]);
    expect(json.error?.message).toContain(message);
  });

  it('deploy to another platform than the file names', async () => {
    const desk = await openServiceDesk();
    desk.write('deployments/dev.yaml', deployment({ platform: 'other/place' }));

    const { code, json } = await desk.run(deploy('dev'));

    expect([code, json.error?.code, posts(desk)]).toEqual([1, 'InvalidConfiguration', 0]);
  });

  it('need deployments/: it goes by what was typed, and says so', async () => {
    const desk = await openServiceDesk();
    await push(desk, SHA);
    rmSync(join(desk.root, 'deployments'), { recursive: true });

    const { code, err } = await desk.run(['deploy', 'relay', 'dev', '--sha', SHA]);

    expect(code).toBe(0);
    expect(err).toContain('there is no deployments/ here; going by what was typed\n');
  });
});
