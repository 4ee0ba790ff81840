import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Argocd, startArgocd } from '../../bin/twin/argocd/start-argocd.ts';
import type { TwinApplication } from '../../bin/twin/argocd/twin-application.ts';
import { BareRepository } from '../../bin/twin/github/bare-repository.ts';
import { HttpArgocd } from '../../lambdas/adapters/http-argocd.ts';
import { NotAllowed, Unavailable } from '../../lambdas/domain/errors.ts';
import { argocdContract, IMAGE } from '../contract/argocd.contract.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import { MemoryArgocd } from '../fakes/memory-argocd.ts';

interface Failure {
  readonly message: string;
}

const clock = new FixedClock();
const by = { name: 'x', email: 'x@example.test', date: clock.now().toISOString() };
const manifest = (tag: string) => `image:\n  repository: ${IMAGE}\n  tag: "${tag}"\n`;
const fileOf = (application: string) => `apps/${application}/values.yaml`;
const applications = [
  { name: 'payments-dev', path: 'apps/payments-dev', sync: 'auto' },
  { name: 'payments-prod', path: fileOf('payments-prod'), sync: 'manual' },
] as const;

async function startTwin() {
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-argocd-'));
  const repository = new BareRepository(join(directory, 'ledger.git'), 'main');
  const seed = applications.map(({ name }) => [fileOf(name), manifest('1041')] as const);
  await repository.create(new Map(seed), by);
  const argocd = await startArgocd({
    port: 0,
    token: 't0ken',
    repositoryDirectory: repository.directory,
    applications,
    clock,
  });
  const push = async (application: string, tag: string) => {
    const commit = await repository.commit({
      expected: (await repository.head()) ?? '',
      additions: new Map([[fileOf(application), manifest(tag)]]),
      deletions: [],
      message: tag,
      author: by,
      committer: by,
    });
    return commit ?? '';
  };
  const close = async () => {
    await argocd.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { argocd, push, close };
}

argocdContract('in memory', async () => {
  const deployments = new MemoryArgocd(clock);
  deployments.install('payments-dev', 'auto', 'r0', `${IMAGE}:1041`);
  deployments.install('payments-prod', 'manual', 'r0', `${IMAGE}:1041`);
  return {
    deployments,
    push: async (application, tag) => {
      deployments.push(application, `r-${tag}`, `${IMAGE}:${tag}`);
      return `r-${tag}`;
    },
    goDown: () => deployments.failNext(new Unavailable('down')),
    close: async () => {},
  };
});

argocdContract('Argo CD’s API', async () => {
  const { argocd, push, close } = await startTwin();
  return {
    deployments: new HttpArgocd({ server: `${argocd.url}/`, token: 't0ken' }),
    push,
    goDown: () => argocd.setDown(true),
    close,
  };
});

describe("the twin's Argo CD", () => {
  let argocd: Argocd;
  let push: (application: string, tag: string) => Promise<string>;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ argocd, push, close } = await startTwin());
  });
  afterAll(async () => close());

  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${argocd.url}/api/v1/applications${path && `/${path}`}`, {
      method,
      headers: { authorization: 'Bearer t0ken' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      body: (await response.json()) as ReturnType<TwinApplication['describe']> & Failure,
    };
  };

  it('refuses a rollback where sync is automatic, in Argo CD’s words', async () => {
    expect(await call('POST', 'payments-dev/rollback', { id: 0 })).toMatchObject({
      status: 400,
      body: { code: 9, error: 'rollback cannot be initiated when auto-sync is enabled' },
    });
  });

  it('rolls back to an entry of the history, and is out of sync afterwards', async () => {
    await push('payments-prod', '1042');
    await call('POST', 'payments-prod/sync');

    const { body } = await call('POST', 'payments-prod/rollback', { id: 0 });

    expect(body.status.sync.status).toBe('OutOfSync');
    expect(body.status.summary.images).toEqual([`${IMAGE}:1041`]);
    expect(body.status.history.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(await call('POST', 'payments-prod/rollback', { id: 7 })).toMatchObject({
      body: { code: 3 },
    });
  });

  it('syncs to the branch only where that is automatic', async () => {
    const answer = await call('POST', 'payments-dev/sync', { revision: 'f00d' });

    expect(answer.body.message).toBe('Cannot sync to f00d: auto-sync currently set to main');
  });

  it('says nothing about what is not there, unless the project is named', async () => {
    expect((await call('GET', 'nowhere')).status).toBe(403);
    expect((await call('GET', 'nowhere?project=default')).status).toBe(404);
  });

  it('lists all', async () => {
    const { body } = await call('GET', '');

    expect(body).toMatchObject({ items: [{}, {}] });
  });

  it('reports a manifest that is gone as Unknown, and a broken one by the operation', async () => {
    await push('payments-prod', '1"2');
    await call('POST', 'payments-prod/sync');

    const { body } = await call('GET', 'payments-prod');
    expect(body.status.operationState).toMatchObject({ phase: 'Failed' });
    expect(body.status.sync.status).toBe('OutOfSync');
  });

  it('can play a release that does not become healthy', async () => {
    argocd.setHealth('payments-dev', 'Degraded');

    const { body } = await call('GET', 'payments-dev');
    expect(body.status.health.status).toBe('Degraded');
  });

  it('shows people a page whose buttons need no script', async () => {
    const page = await (await fetch(`${argocd.url}/applications`)).text();
    expect(page).toContain('<form method="post" action="/applications/payments-prod/sync">');

    const headers = { origin: argocd.url, 'content-type': 'application/x-www-form-urlencoded' };
    const post = (origin: string) =>
      fetch(`${argocd.url}/applications/payments-prod/sync`, {
        method: 'POST',
        redirect: 'manual',
        headers: { ...headers, origin },
      });
    expect((await post(argocd.url)).status).toBe(303);
    expect((await post('https://elsewhere.example')).status).toBe(403);
  });

  it('is not read with a wrong token, nor where nobody listens', async () => {
    const stranger = new HttpArgocd({ server: argocd.url, token: 'wrong' });
    const nobody = new HttpArgocd({ server: 'http://127.0.0.1:9', token: 't0ken' });

    await expect(stranger.application('payments-dev')).rejects.toThrow(NotAllowed);
    await expect(nobody.application('payments-dev')).rejects.toThrow(Unavailable);
  });
});
