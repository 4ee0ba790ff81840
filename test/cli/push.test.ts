import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../lambdas/domain/digest.ts';
import { entry, inspect, tarball } from '../intake/tarballs.ts';
import { deployment, KEY, OTHER, openServiceDesk, SHA } from './service-desk.ts';

const PUSH = ['push', '--sha', SHA, '--json'];

interface Pushed {
  readonly digest: string;
  readonly contentDigest: string;
  readonly outcome: string;
}

describe('conveyor push', () => {
  it('packs what deployments/ name and puts it into the release store, with what is to be known of it', async () => {
    const { run, store, s3 } = await openServiceDesk();

    const { code, json } = await run(PUSH, {
      env: {
        GITHUB_RUN_ID: '77',
        GITHUB_REPOSITORY: 'shop/relay',
        GITHUB_SERVER_URL: 'https://token:x@github.example',
        GITHUB_ACTOR: 'ana',
      },
    });

    const stored = await store.head(KEY);
    const bytes = Buffer.from(store.bytesOf(KEY) ?? []);
    expect(code).toBe(0);
    expect(json.data).toEqual({
      service: 'relay',
      version: SHA,
      digest: digestOf(bytes),
      contentDigest: digestOf(gunzipSync(bytes)),
      bytes: bytes.length,
      entries: 1,
      store: { kind: 's3', bucket: 'conveyor-store-111111111111-us-east-1', region: 'us-east-1' },
      key: KEY,
      outcome: 'pushed',
    });
    expect(await inspect(bytes)).toMatchObject({ entries: 1 });
    expect(stored).toMatchObject({
      digest: digestOf(bytes),
      facts: {
        commit: SHA,
        content: digestOf(gunzipSync(bytes)),
        build: 'https://github.example/shop/relay/actions/runs/77',
        builder: 'ana',
      },
    });
    expect(s3.asked.map((line) => line.split(' ')[0])).toEqual(['HEAD', 'PUT']);
  });

  it('sends nothing where the same is there already, and succeeds', async () => {
    const { run, s3 } = await openServiceDesk();
    await run(PUSH);
    s3.asked.length = 0;

    const { code, json, err } = await run(PUSH);

    expect([code, (json.data as Pushed).outcome, err]).toEqual([0, 'already-there', '']);
    expect(s3.asked.map((line) => line.split(' ')[0])).toEqual(['HEAD']);
  });

  it('stops where other bytes are there, and names both', async () => {
    const { run, write, store } = await openServiceDesk();
    const { json: first } = await run(PUSH);
    const before = store.bytesOf(KEY);
    write('dist/relay.mjs', 'export const answer = 43;\n');

    const { code, json } = await run(PUSH);

    expect([code, json.error?.code]).toEqual([1, 'DigestConflict']);
    expect(json.error?.message).toContain((first.data as Pushed).digest);
    expect(json.error?.message.match(/sha256:[0-9a-f]{64}/g)).toHaveLength(2);
    expect(store.bytesOf(KEY)).toBe(before);
  });

  it('takes the same tree for the same, whichever zlib packed it; its bytes decide, not what they say of themselves', async () => {
    const desk = await openServiceDesk();
    const { json } = await desk.run(PUSH);
    const { contentDigest } = json.data as Pushed;
    const repacked = gzipSync(gunzipSync(desk.store.bytesOf(KEY) ?? new Uint8Array()), {
      level: 9,
    });
    const forged = tarball(entry({ name: 'evil' }));
    const facts = { content: contentDigest };

    desk.store.put(KEY, repacked, digestOf(repacked), facts);
    const same = await desk.run(PUSH);
    desk.store.put(KEY, forged, digestOf(forged), facts);
    const other = await desk.run(PUSH);

    expect(same.code).toBe(0);
    expect(same.json.data).toMatchObject({
      outcome: 'same-content',
      digest: digestOf(repacked),
      contentDigest,
    });
    expect([other.code, other.json.error?.code]).toEqual([1, 'DigestConflict']);
  });

  it('reads what somebody put there by hand', async () => {
    const desk = await openServiceDesk();
    await desk.run(PUSH);
    const bytes = desk.store.bytesOf(KEY) ?? new Uint8Array();
    desk.store.put(KEY, bytes);

    const { json } = await desk.run(PUSH);

    expect(json.data).toMatchObject({ outcome: 'already-there', digest: digestOf(bytes) });
  });

  it('takes a tarball that the build has packed, byte for byte', async () => {
    const { run, root, store } = await openServiceDesk();
    const bytes = tarball(entry({ name: 'relay.mjs', content: 'x' }));
    writeFileSync(join(root, 'relay.tar.gz'), bytes);

    const { code } = await run([...PUSH, '--tarball', 'relay.tar.gz']);

    expect(code).toBe(0);
    expect(Buffer.from(store.bytesOf(KEY) ?? [])).toEqual(bytes);
  });

  it('looks a tarball through before a byte is sent', async () => {
    const { run, root, s3 } = await openServiceDesk();
    writeFileSync(join(root, 'bad.tar.gz'), tarball(entry({ name: '../../etc/passwd' })));

    const { code, json } = await run([...PUSH, '--tarball', 'bad.tar.gz']);

    expect([code, json.error?.code]).toEqual([1, 'InvalidArtifact']);
    expect(s3.asked).toEqual([]);
  });

  it('says what is pushed, to whom it may concern, and what comes next', async () => {
    const { run } = await openServiceDesk();

    const { out, err } = await run(['push', '--sha', SHA]);

    expect(out).toMatch(
      new RegExp(
        `^pushed relay ${SHA}: \\d+ B, 1 entry, sha256:[0-9a-f]{64}\nto s3://[\\w-]+/relay/${SHA}.tar.gz\n$`,
      ),
    );
    expect(err).toBe(`next: conveyor deploy relay dev --sha ${SHA}\n`);
  });

  it('tries a cut line again, and one that is busy', async () => {
    const { run, s3, store } = await openServiceDesk();
    s3.mischief.push('drop', 503);

    expect((await run(PUSH)).code).toBe(0);
    expect(store.bytesOf(KEY)).toBeDefined();
  });

  it('leaves nothing of its own behind, whatever happens', async () => {
    const { run, root, s3, store } = await openServiceDesk();
    const temporary = join(root, 'tmp');
    mkdirSync(temporary);
    const { TMPDIR } = process.env;
    process.env.TMPDIR = temporary;
    onTestFinished(() => {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    });

    const pushed = await run(PUSH);
    const failed = await run(PUSH, { env: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' } });
    const early = await run(PUSH, { interrupted: AbortSignal.abort() });
    const interrupt = new AbortController();
    s3.mischief.push(() => interrupt.abort());
    const stopped = await run([...PUSH.slice(0, 2), OTHER, '--json'], {
      interrupted: interrupt.signal,
    });

    expect([pushed.code, failed.code, early.code, stopped.code]).toEqual([0, 1, 130, 130]);
    expect(stopped.json.error).toMatchObject({
      code: 'Interrupted',
      next: [`conveyor push relay --sha ${OTHER}`],
    });
    expect(readdirSync(temporary)).toEqual([]);
    expect(store.bytesOf(`relay/${OTHER}.tar.gz`)).toBeUndefined();
  });
});

describe('what conveyor push goes by', () => {
  it.each([
    ['another platform', deployment({ platform: 'other/place' }), 'InvalidConfiguration', 1],
    ['an image', deployment({ service: 'payments' }), 'InvalidInput', 2],
    ['a service that nobody declared', deployment({ service: 'realy' }), 'NotFound', 2],
    ['a path that leads out', deployment({ artifact: 'path: ../dist' }), 'InvalidConfiguration', 1],
    ['a folder that is not there', deployment({ artifact: 'path: build' }), 'NotFound', 2],
    ['a link that leads out', deployment({ artifact: 'path: elsewhere' }), 'InvalidInput', 2],
  ])('%s is refused before anything is sent', async (_, text, error, exit) => {
    const { run, root, write, s3 } = await openServiceDesk();
    for (const name of ['qa', 'prod']) rmSync(join(root, `deployments/${name}.yaml`));
    write('deployments/dev.yaml', text);
    symlinkSync('/usr', join(root, 'elsewhere'));

    const { code, json } = await run(PUSH);

    expect([code, json.error?.code, s3.asked]).toEqual([exit, error, []]);
    if (error === 'InvalidConfiguration' && text.includes('other/place'))
      expect(json.error?.message).toContain('other/place, and this Conveyor is of shop/platform');
  });

  it('files that do not agree are told, and one of them can be meant', async () => {
    const { run, write, store } = await openServiceDesk();
    write('deployments/qa.yaml', deployment({ artifact: 'path: out' }));

    const { code, json } = await run(PUSH);
    const one = await run([...PUSH, '--environment', 'dev']);

    expect([code, json.error?.message]).toEqual([
      2,
      'deployments/dev.yaml and deployments/qa.yaml name different artifacts: path dist and path out',
    ]);
    expect([one.code, store.bytesOf(KEY) !== undefined]).toEqual([0, true]);
  });

  it('works without deployments/ where everything is typed', async () => {
    const { run, root, store } = await openServiceDesk();
    rmSync(join(root, 'deployments'), { recursive: true });

    const nothing = await run(PUSH);
    const { code } = await run(['push', 'relay', ...PUSH.slice(1), '--path', 'dist']);

    expect([nothing.code, nothing.json.error?.code]).toEqual([2, 'InvalidInput']);
    expect([code, store.bytesOf(KEY) !== undefined]).toEqual([0, true]);
  });
});
