import { Digest } from '../../../lambdas/domain/digest.ts';
import { RepositoryName, Version } from '../../../lambdas/domain/names.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Step } from '../deploy.ts';
import type { AccountName } from '../layout.ts';
import type { Twin } from '../start-twin.ts';
import { pushSample, registryOf } from '../use-twin.ts';
import {
  answer,
  ask,
  commits,
  conveyor,
  ended,
  JourneyFailed,
  ledgerTag,
  linkFor,
  until,
} from './watch.ts';

export interface Row {
  readonly what: string;
  readonly seen: string;
}

const SERVICE = 'payments';
const LINK_OPENINGS = 50;

/**
 * The whole way of one image, clicking included: pushed once, dev by itself, qa by request, prod-wealth by another
 * person's approval, and back again. Every claim is looked up where it is true: registries, git, Argo CD, the table.
 */
export async function runJourney(
  twin: Twin,
  step: Step,
  versions: readonly [string, string],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const note = (what: string, seen: string) => void rows.push({ what, seen });
  const [first, second] = versions;

  for (const version of versions) {
    const digest = await step(`push ${SERVICE} ${version}`, () =>
      pushSample(twin.endpoint, SERVICE, version),
    );
    note(`pushed ${version}`, digest);
    const dev = await step(`dev takes ${version} by itself`, () =>
      ended(twin, SERVICE, 'dev', version),
    );
    await landed(twin, dev, 'dev', digest, note);

    const qa = await step(`promote ${version} into qa`, () => promote(twin, 'qa', version));
    await landed(twin, qa, 'qa', digest, note);

    const prod = await step(`promote ${version} into prod-wealth, approved by another`, () =>
      promoteApproved(twin, version, note),
    );
    await landed(twin, prod, 'prod-wealth', digest, note);
    await sameEverywhere(twin, version, digest, note);
    await manualSync(twin, version, note);
  }
  const back = await step(`roll prod-wealth back to ${first}`, () => rollback(twin, first, note));
  expect(
    back.kind === 'rollback' && back.version === first,
    'the rollback put the earlier version back',
    back,
  );
  expect(
    (await ledgerTag(twin, SERVICE, 'prod-wealth')) === first,
    `the Ledger says ${first} again`,
  );
  note(`rolled back from ${second}`, `prod-wealth is at ${first}, promotion ${back.id}`);
  return rows;
}

async function promote(twin: Twin, environment: string, version: string): Promise<Promotion> {
  const { promotion } = await ask<{ promotion: Promotion }>(twin, 'raj', [
    'promote',
    SERVICE,
    environment,
    '--version',
    version,
    '--reason',
    'journey',
    '--wait',
  ]);
  return promotion;
}

async function promoteApproved(
  twin: Twin,
  version: string,
  note: (what: string, seen: string) => void,
): Promise<Promotion> {
  const asked = await ask<{ promotion: Promotion }>(twin, 'ana', [
    'promote',
    SERVICE,
    'prod-wealth',
    '--version',
    version,
    '--reason',
    'journey',
    '--no-wait',
  ]);
  const { id } = asked.promotion;
  const link = await linkFor(twin, 'li', id);
  await openingChangesNothing(twin, id, [link, await linkFor(twin, 'tom', id)]);
  note(
    'opened every link',
    `${LINK_OPENINGS} GETs and ${LINK_OPENINGS} HEADs each: still awaiting approval`,
  );

  const own = await conveyor(twin, 'ana', ['approve', id]);
  expect(own.code !== 0, 'the requester cannot approve', own);
  note('ana approves her own', `refused, exit ${own.code}`);
  const reply = await answer(link, 'approve');
  expect(reply.status === 200, 'the page takes the approval', reply.status);
  const promotion = await ended(twin, SERVICE, 'prod-wealth', version);
  expect(promotion.id === id, 'the approved promotion is the one that ended', promotion.id);
  note('li approves by the page', `promotion ${id} ${promotion.state}`);
  return promotion;
}

/** Mail scanners and previews follow links: nothing may come of it. */
async function openingChangesNothing(
  twin: Twin,
  id: string,
  links: readonly string[],
): Promise<void> {
  await Promise.all(
    links.map(async (link) => {
      for (let opening = 0; opening < LINK_OPENINGS; opening += 1) {
        const [page, head] = await Promise.all([fetch(link), fetch(link, { method: 'HEAD' })]);
        expect(page.status === 200 && head.status === 200, 'the page opens', page.status);
        await page.text();
      }
    }),
  );
  const { promotions } = await ask<{ promotions: Promotion[] }>(twin, 'raj', [
    'history',
    SERVICE,
    'prod-wealth',
  ]);
  expect(
    promotions.find((p) => p.id === id)?.state === 'awaiting approval',
    'it still waits for its approval',
    promotions[0],
  );
}

async function landed(
  twin: Twin,
  promotion: Promotion,
  environment: string,
  digest: string,
  note: (what: string, seen: string) => void,
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

async function sameEverywhere(
  twin: Twin,
  version: string,
  digest: string,
  note: (what: string, seen: string) => void,
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

async function manualSync(
  twin: Twin,
  version: string,
  note: (what: string, seen: string) => void,
): Promise<void> {
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

/** A rollback of prod-wealth is a promotion like any other: asked, approved, landed. */
async function rollback(
  twin: Twin,
  to: string,
  note: (what: string, seen: string) => void,
): Promise<Promotion> {
  const asked = await ask<{ promotion: Promotion }>(twin, 'ana', [
    'rollback',
    SERVICE,
    'prod-wealth',
    '--reason',
    'journey',
    '--no-wait',
  ]);
  expect(asked.promotion.version === to, `the version before is ${to}`, asked.promotion.version);
  const approved = await conveyor(twin, 'tom', [
    'approve',
    await waiting(twin, asked.promotion.id),
  ]);
  expect(approved.code === 0, 'tom approves by the CLI', approved);
  note('tom approves the rollback', 'by the CLI');
  return until('the rollback to end', async () => {
    const { promotions } = await ask<{ promotions: Promotion[] }>(twin, 'raj', [
      'history',
      SERVICE,
      'prod-wealth',
    ]);
    return promotions.find((p) => p.id === asked.promotion.id && p.endedAt !== undefined);
  });
}

async function waiting(twin: Twin, id: string): Promise<string> {
  await linkFor(twin, 'tom', id);
  return id;
}

function expect(condition: boolean, what: string, seen?: unknown): void {
  if (!condition) throw new JourneyFailed(`Not so: ${what}. Seen: ${JSON.stringify(seen)}`);
}
