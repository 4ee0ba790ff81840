import { Digest } from '../../../lambdas/domain/digest.ts';
import { RepositoryName, Version } from '../../../lambdas/domain/names.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { AccountName } from '../layout.ts';
import type { Twin } from '../start-twin.ts';
import { registryOf } from '../use-twin.ts';
import { expect } from './expect.ts';
import { commits, ledgerTag, until } from './watch.ts';

/** One line of what the journey tells: what was looked at, what was seen. */
export type Note = (what: string, seen: string) => void;

export const SERVICE = 'payments';

/** The record, the digest, exactly one commit, and the Ledger's own text. */
export async function landed(
  twin: Twin,
  promotion: Promotion,
  environment: string,
  digest: string,
  note: Note,
): Promise<void> {
  expect(
    promotion.state === 'promoted',
    `${promotion.version} is promoted in ${environment}`,
    promotion,
  );
  expect(promotion.digest === digest, 'the digest pushed is the digest promoted', promotion.digest);
  const own = (await commits(twin)).filter((commit) =>
    commit.body.includes(`Conveyor-Promotion: ${promotion.id}`),
  );
  expect(own.length === 1, 'there is exactly one commit of the promotion', own);
  expect(
    (await ledgerTag(twin, SERVICE, environment)) === promotion.version,
    `the Ledger says ${promotion.version}`,
  );
  note(`${environment} ${promotion.version}`, `commit ${own[0]?.id.slice(0, 7)}, ${promotion.id}`);
}

/** The registries of three accounts, every platform of the index included. */
export async function sameEverywhere(
  twin: Twin,
  version: string,
  digest: string,
  note: Note,
): Promise<void> {
  for (const account of ['dev', 'qa', 'prod-wealth'] as const satisfies readonly AccountName[]) {
    const registry = await registryOf(twin.endpoint, account);
    const repository = RepositoryName.parse(`forge/${SERVICE}`);
    const { bytes } = await registry.manifest(repository, Version.parse(version));
    const index = JSON.parse(new TextDecoder().decode(bytes)) as {
      manifests: { digest: string }[];
    };
    const found = await registry.head(repository, Version.parse(version));
    expect(found?.digest === digest, `${account} holds the same digest`, found);
    for (const child of index.manifests)
      await registry.manifest(repository, Digest.parse(child.digest));
  }
  note(`digest of ${version}`, `equal in three accounts, every platform there`);
}

/** Production does not sync by itself: Argo CD waits for a person. */
export async function manualSync(twin: Twin, version: string, note: Note): Promise<void> {
  const application = `${SERVICE}-prod-wealth`;
  const before = await argocd(twin, 'GET', application);
  expect(
    before.status.sync.status === 'OutOfSync',
    'Argo CD waits for a manual sync',
    before.status.sync,
  );
  await argocd(twin, 'POST', `${application}/sync`);
  await until('Argo CD to sync', async () =>
    (await argocd(twin, 'GET', application)).status.sync.status === 'Synced' ? true : undefined,
  );
  note(`Argo CD, prod-wealth ${version}`, 'OutOfSync until synced by hand, then Synced');
}

interface Application {
  readonly status: { readonly sync: { readonly status: string } };
}

async function argocd(twin: Twin, method: string, path: string): Promise<Application> {
  const headers = { authorization: 'Bearer twin-argocd-token', 'content-type': 'application/json' };
  const reply = await fetch(`${twin.argocd.url}/api/v1/applications/${path}`, {
    method,
    headers,
    ...(method === 'POST' && { body: '{}' }),
  });
  expect(reply.ok, `Argo CD answers ${method} ${path}`, reply.status);
  return (await reply.json()) as Application;
}
