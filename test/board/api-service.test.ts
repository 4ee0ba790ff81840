import { describe, expect, it } from 'vitest';
import { ServiceReply, WhyReply } from '../../lambdas/board/contract.ts';
import { readService } from '../../lambdas/board/read-service.ts';
import { ConveyorConfig } from '../../lambdas/domain/config.ts';
import { Version } from '../../lambdas/domain/names.ts';
import { tapped } from '../fakes/tapped.ts';
import { dev, principalOf, qa, relay } from '../promote/shop.ts';
import { type ApiDesk, openApi } from './desk.ts';

const FIRST = 'a1'.repeat(20);
const SECOND = 'b2'.repeat(20);

const openTarballs = (changes = {}) =>
  openApi({ services: ['payments', 'orders', 'relay'], changes });

const ask = async ({ get }: ApiDesk, query: string) =>
  ServiceReply.parse((await get(`/services/${query}`)).body);

describe('the API, asked about a service', () => {
  it('tells whose platform it is, where its tarballs go, how each stage lands and what it holds', async () => {
    const desk = openTarballs();
    await desk.world.announceUpload(desk.world.store(relay, FIRST));
    await desk.world.settle();

    expect(await ask(desk, 'relay')).toMatchObject({
      service: 'relay',
      platform: 'shop/platform',
      kind: 'tarball',
      store: { kind: 's3', bucket: 'conveyor-store-111111111111-us-east-1', region: 'us-east-1' },
      stages: ['dev', 'qa', 'prod'],
      targets: {
        dev: {
          kind: 'store',
          path: 'manifest.dev.yaml',
          key: 'relay.version',
          landed: { version: FIRST },
        },
        qa: { kind: 'store', path: 'manifest.qa.yaml' },
      },
      you: { principal: 'arn:aws:sts::111111111111:assumed-role/person-raj/raj' },
      seenWithin: 1_200,
    });
  });

  it('tells of an image that it has no store, and that Argo CD lands it', async () => {
    const reply = await ask(openTarballs(), 'payments');

    expect(reply).toMatchObject({ kind: 'image', targets: { qa: { kind: 'argocd' } } });
    expect(reply).not.toHaveProperty('store');
    expect(reply).not.toHaveProperty('asked');
  });

  it('tells of R2 what whoever pushes must know, and no secret', async () => {
    const desk = openTarballs();
    const r2 = {
      account: 'c0'.repeat(16),
      bucket: 'releases',
      accessKeyId: '/conveyor/r2/id',
      secretAccessKey: '/conveyor/r2/secret',
      webhook: ['/conveyor/r2/webhook'],
    };
    const { config } = desk.world;
    const service = { artifact: { tarball: 'r2' }, stages: ['dev'], target: { store: {} } };
    desk.world.config = {
      ...config,
      ...ConveyorConfig.pick({ releaseStore: true, services: true }).parse({
        releaseStore: { r2 },
        services: { relay: service },
      }),
    };

    const { body } = await desk.get('/services/relay');

    expect(ServiceReply.parse(body).store).toEqual({
      kind: 'r2',
      account: r2.account,
      bucket: 'releases',
      endpoint: `https://${r2.account}.r2.cloudflarestorage.com`,
    });
    expect(JSON.stringify(body)).not.toContain('/conveyor/r2');
  });

  it('tells how far a version came: unseen, under way, landed, overtaken', async () => {
    const desk = openTarballs({ qa: { approval: { approvers: 'leads' } } });
    const { world } = desk;
    const asked = async (version: string, environment: string) =>
      (await ask(desk, `relay?version=${version}&environment=${environment}`)).asked;

    expect(await asked(FIRST, 'dev')).toEqual({
      version: FIRST,
      environment: 'dev',
      wasPromoted: false,
    });

    await world.announceUpload(world.store(relay, FIRST));
    await world.settle();
    const waiting = await world.promote(relay, qa);
    await world.announceUpload(world.store(relay, SECOND));
    await world.settle();

    expect(await asked(FIRST, 'dev')).toMatchObject({
      release: { version: FIRST },
      wasPromoted: true,
      promotion: { state: 'promoted' },
    });
    expect(await asked(FIRST, 'qa')).toMatchObject({
      wasPromoted: false,
      promotion: { id: waiting, state: 'awaiting approval' },
    });
    expect(await asked(SECOND, 'qa')).toMatchObject({ release: { version: SECOND } });
    expect(await asked(SECOND, 'qa')).not.toHaveProperty('promotion');
  });

  it('never tells of one that is promoted and not of its landing, whenever it lands', async () => {
    const seen = [];
    for (const moment of Array(8).keys()) {
      const { world } = openTarballs();
      await world.announceUpload(world.store(relay, FIRST));
      let calls = 0;
      const landing = { before: async () => void (calls++ === moment && (await world.settle())) };
      const { lines, promotions, releases } = world.ports;
      const { asked, targets } = await readService(
        {
          lines: tapped('lines', lines, landing),
          promotions: tapped('promotions', promotions, landing),
          releases: tapped('releases', releases, landing),
        },
        world.config,
        { principal: principalOf('raj'), account: '111111111111' },
        relay,
        { version: Version.parse(FIRST), environment: dev },
      );
      seen.push(`${asked?.promotion?.state}, ${targets.dev?.landed ? 'landed' : 'not landed'}`);
    }

    expect(new Set(seen)).toEqual(
      new Set(['promoted, landed', 'queued, landed', 'queued, not landed']),
    );
  });

  it('finds one that stands in line behind another', async () => {
    const desk = openTarballs({ qa: { approval: { approvers: 'leads' }, strategy: 'every' } });
    const { world } = desk;
    for (const sha of [FIRST, SECOND]) {
      await world.announceUpload(world.store(relay, sha));
      await world.settle();
    }
    await world.promote(relay, qa, { version: FIRST });
    const behind = await world.promote(relay, qa, { version: SECOND });

    const { asked } = await ask(desk, `relay?version=${SECOND}&environment=qa`);

    expect(asked?.promotion).toMatchObject({ id: behind, state: 'queued' });
  });

  it('tells why a tarball was not taken in, and so does why; what the configuration once refused is no matter', async () => {
    const desk = openTarballs();
    const { world } = desk;
    const upload = world.store(relay, FIRST, Buffer.from('no gzip'));
    await world.announceUpload(upload);
    await world.announceUpload({ ...world.store(relay, SECOND), bucket: 'another' });

    const bad = await ask(desk, `relay?version=${FIRST}&environment=dev`);
    const elsewhere = await ask(desk, `relay?version=${SECOND}&environment=dev`);
    const why = WhyReply.parse((await desk.get(`/why?artifact=${FIRST}&environment=dev`)).body);

    expect(bad.asked).toMatchObject({ refusal: { code: 'artifact', tag: upload.key } });
    expect(bad.asked).not.toHaveProperty('release');
    expect(elsewhere.asked).not.toHaveProperty('refusal');
    expect(why.refusals).toMatchObject([{ code: 'artifact', tag: upload.key }]);
  });

  it.each<[string, string, number, string]>([
    ['a service that is none', 'nobody', 404, 'NotFound'],
    ['a member that every object has', 'constructor', 404, 'NotFound'],
    ['a name that is none', 'No%20Body', 400, 'InvalidInput'],
    ['a stage that it has not', `relay?version=${FIRST}&environment=other`, 404, 'NotFound'],
    ['a version without an environment', `relay?version=${FIRST}`, 400, 'InvalidInput'],
    ['an environment without a version', 'relay?environment=dev', 400, 'InvalidInput'],
  ])('says so of %s', async (_, path, status, code) => {
    const { get, reported } = openTarballs();

    expect(await get(`/services/${path}`)).toMatchObject({ status, body: { error: { code } } });
    expect(reported).toEqual([]);
  });

  it('answers nobody who is not named', async () => {
    expect((await openTarballs().get('/services/relay', 'nobody')).status).toBe(401);
  });
});
