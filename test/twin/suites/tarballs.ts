import { createHash, randomBytes } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { outputOf } from '../../../bin/twin/deploy.ts';
import { runTarballJourney, TARBALLS } from '../../../bin/twin/journey/run-tarball-journey.ts';
import { ask, ended, history, until } from '../../../bin/twin/journey/watch.ts';
import { ACCOUNTS, REGION } from '../../../bin/twin/layout.ts';
import { R2_ACCOUNT, R2_BUCKET } from '../../../bin/twin/r2/start-r2.ts';
import type { Twin } from '../../../bin/twin/start-twin.ts';
import { s3Client } from '../../../lambdas/adapters/s3-client.ts';
import type { Refusal } from '../../../lambdas/domain/promotion.ts';
import { readWebhookSecret } from '../../../lambdas/intake/webhook-secret.ts';
import { signWebhook } from '../../intake/sign-webhook.ts';
import { smallTarball } from '../../promote/small-tarball.ts';
import { sweep, toolsClient, type Use } from './support.ts';

const STORE = `conveyor-store-${ACCOUNTS.tools}-${REGION}`;

/** A commit's SHA for a word: what CI names a tarball by. */
const shaOf = (word: string) => createHash('sha1').update(word).digest('hex');

export function tarballs(use: Use): void {
  describe.each(TARBALLS)('a tarball of $service, pushed to $store', (tarball) => {
    it('goes from its repository into the buckets of three accounts, and back', async () => {
      const rows: string[] = [];

      await runTarballJourney(
        use(),
        (_, work) => work(),
        tarball,
        (what) => void rows.push(what),
      );

      expect(rows.filter((what) => / in (dev|qa|prod-wealth)$/.test(what))).toHaveLength(5);
    });
  });

  it('a tarball of several parts goes from R2 through the function, part by part', async () => {
    const sha = shaOf('in parts');
    // Nothing that gzip could make small.
    const bytes = smallTarball(randomBytes(12 * 1024 ** 2).toString('latin1'));
    await put(use(), `resolver/${sha}.tar.gz`, bytes, 'r2');

    const { state, digest } = await ended(use(), 'resolver', 'dev', sha);

    expect([state, digest]).toEqual([
      expect.stringMatching(/^(promoted|superseded)$/),
      `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    ]);
  });

  it('what nobody needs any more is marked in the release store, and what runs is not', async () => {
    const { Payload, FunctionError } = await new LambdaClient(toolsClient(use())).send(
      new InvokeCommand({ FunctionName: 'conveyor-retain-releases', Payload: '{}' }),
    );

    expect(FunctionError).toBeUndefined();
    const told = JSON.parse(Buffer.from(Payload ?? []).toString()) as {
      service: string;
      there: number;
      expendable: string[];
    }[];
    // Twenty of each are kept in any case, and there are fewer.
    expect(told.map(({ service, expendable }) => [service, expendable])).toEqual([
      ['relay', []],
      ['resolver', []],
      ['gateway', []],
    ]);
    // Of gateway there is none yet: its machines are not there.
    expect(told.slice(0, 2).every(({ there }) => there > 0)).toBe(true);
  });

  describe('an upload that is no release', () => {
    it.each<[string, string, string, Buffer]>([
      ['of a short SHA', 'key', 'relay/abc1234.tar.gz', smallTarball('x')],
      ['of an unknown service', 'service', `nobody/${shaOf('a')}.tar.gz`, smallTarball('x')],
      [
        'of a service that pushes to R2',
        'bucket',
        `resolver/${shaOf('b')}.tar.gz`,
        smallTarball('x'),
      ],
      ['without a byte', 'artifact', `relay/${shaOf('c')}.tar.gz`, Buffer.alloc(0)],
      ['that is no gzip', 'artifact', `relay/${shaOf('d')}.tar.gz`, Buffer.from('plain words')],
      ['cut short', 'artifact', `relay/${shaOf('e')}.tar.gz`, smallTarball('x').subarray(0, 99)],
    ])('%s is recorded as refused (%s), and nothing is promoted', async (_, code, key, bytes) => {
      await put(use(), key, bytes);

      const refusal = await refusalOf(use(), key);

      expect(refusal.code).toBe(code);
      const promotions = await history(use(), 'relay', 'dev');
      expect(promotions.filter(({ version }) => key.includes(version))).toEqual([]);
    });

    it('with other bytes over a release that is known is refused, and the release stays', async () => {
      const sha = shaOf('written over');
      const key = `relay/${sha}.tar.gz`;
      await put(use(), key, smallTarball('first'));
      const { digest } = await ended(use(), 'relay', 'dev', sha);
      await put(use(), key, smallTarball('second'));

      const refusal = await refusalOf(use(), key);

      expect([refusal.code, refusal.reason]).toEqual([
        'moved-object',
        expect.stringContaining(digest),
      ]);
      const { releases } = await ask<{ releases: { version: string; digest: string }[] }>(
        use(),
        'raj',
        ['releases', 'relay'],
      );
      expect(releases.find(({ version }) => version === sha)?.digest).toBe(digest);
    });
  });

  describe('an upload to R2', () => {
    it('that the worker never heard of is raised by the sweep', async () => {
      const sha = shaOf('unheard of');
      const { r2 } = use();
      r2.announce = () => false;
      try {
        await put(use(), `resolver/${sha}.tar.gz`, smallTarball('unheard of'), 'r2');
      } finally {
        r2.announce = () => true;
      }

      await sweep(use());

      const { state, requestedBy } = await ended(use(), 'resolver', 'dev', sha);
      expect([state, requestedBy]).toEqual([
        expect.stringMatching(/^(promoted|superseded)$/),
        { automatic: 'sweep' },
      ]);
    });

    it('told of by somebody without the secret is refused, and nothing comes of it (T12)', async () => {
      const sha = shaOf('forged');
      const body = batch(sha, 'forged');
      const stranger = readWebhookSecret('twin:another-secret-of-thirty-two-characters', 'test');

      const replies = await Promise.all([
        post(use(), body, signWebhook(stranger, new Date(), body)),
        post(use(), body, {}),
        post(use(), `${body} `, signWebhook(secretOf(use()), new Date(), body)),
        post(use(), body, signWebhook(secretOf(use()), new Date(Date.now() - 400_000), body)),
      ]);

      expect(replies.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
      expect(await refusals(use(), `resolver/${sha}.tar.gz`)).toEqual([]);
    });

    it('told of twice by the same signed request is taken once (T12)', async () => {
      const sha = shaOf('replayed');
      await put(use(), `resolver/${sha}.tar.gz`, smallTarball('replayed'), 'r2');
      const body = batch(sha, 'replayed');
      const headers = signWebhook(secretOf(use()), new Date(), body);

      const first = await post(use(), body, headers);
      const second = await post(use(), body, headers);

      expect([await first.json(), await second.json()]).toEqual([
        { accepted: 1, replayed: false },
        { accepted: 1, replayed: true },
      ]);
      await ended(use(), 'resolver', 'dev', sha);
      const promotions = await history(use(), 'resolver', 'dev');
      expect(promotions.filter(({ version }) => version === sha)).toHaveLength(1);
    });

    it('told of truly, but of what is not there, is refused for what it is', async () => {
      const sha = shaOf('not there');
      const body = batch(sha, 'not-there');

      const reply = await post(use(), body, signWebhook(secretOf(use()), new Date(), body));

      expect(reply.status).toBe(200);
      expect((await refusalOf(use(), `resolver/${sha}.tar.gz`)).reason).toContain('not there');
    });
  });
}

const secretOf = ({ r2 }: Twin) => readWebhookSecret(r2.webhookSecret, 'test');

function batch(sha: string, id: string): string {
  const event = {
    id,
    account: R2_ACCOUNT,
    bucket: R2_BUCKET,
    key: `resolver/${sha}.tar.gz`,
    size: 1,
    etag: 'abc',
    action: 'PutObject',
    at: new Date().toISOString(),
  };
  return JSON.stringify({ schema: 1, batch: id, events: [event] });
}

function post(twin: Twin, body: string, headers: Record<string, string>): Promise<Response> {
  const url = outputOf(twin.places, 'IngressUrl');
  return fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** As somebody does who does not use `conveyor push`. */
async function put(twin: Twin, Key: string, Body: Buffer, store: 's3' | 'r2' = 's3') {
  const { r2 } = twin;
  const [Bucket, client] =
    store === 'r2'
      ? [
          R2_BUCKET,
          s3Client({ region: 'auto', endpoint: r2.endpoint, credentials: r2.credentials }),
        ]
      : [
          STORE,
          s3Client({
            region: REGION,
            endpoint: twin.endpoint.origin,
            credentials: { accessKeyId: ACCOUNTS.tools, secretAccessKey: 'twin' },
          }),
        ];
  await client.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function refusals(twin: Twin, key: string): Promise<readonly Refusal[]> {
  const { refusals: found } = await ask<{ refusals: Refusal[] }>(twin, 'raj', ['why', key, 'dev']);
  return found.filter(({ tag }) => tag === key);
}

const refusalOf = (twin: Twin, key: string): Promise<Refusal> =>
  until(`${key} to be refused`, async () => (await refusals(twin, key))[0]);
