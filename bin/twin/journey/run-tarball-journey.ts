import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Step } from '../deploy.ts';
import type { Person } from '../people.ts';
import { makeServiceRepository, type ServiceRepository } from '../service-repository.ts';
import type { Twin } from '../start-twin.ts';
import type { Where } from '../use-twin.ts';
import { expect } from './expect.ts';
import type { Note } from './look.ts';
import { landedTarball, ledgerVersion, type Tarball } from './look-tarball.ts';
import { answer, ask, conveyor, linkFor, until, waitingIn } from './watch.ts';

/** Which release store, and a service whose releases come from there. */
export const TARBALLS = [
  { service: 'relay', store: 's3' },
  { service: 'resolver', store: 'r2' },
] as const;

interface Desk {
  readonly twin: Twin;
  readonly service: string;
  readonly repository: ServiceRepository;
  readonly where: Where;
  readonly note: Note;
}

/**
 * The whole way of a tarball from a repository that has nothing but `deployments/`: pushed once, the same bytes in the bucket
 * of three accounts, production by another person's approval, and back by deploying an older commit.
 */
export async function runTarballJourney(
  twin: Twin,
  step: Step,
  { service, store }: (typeof TARBALLS)[number],
  note: Note,
): Promise<void> {
  const repository = await makeServiceRepository(service);
  const { accessKeyId, secretAccessKey } = twin.r2.credentials;
  const env =
    store === 'r2'
      ? { R2_ACCESS_KEY_ID: accessKeyId, R2_SECRET_ACCESS_KEY: secretAccessKey }
      : undefined;
  const where: Where = { cwd: repository.directory, ...(env && { env }) };
  const desk: Desk = { twin, service, repository, where, note };
  try {
    const first = await step(`push ${service} to ${store}`, () => pushed(desk, 'one'));
    await step(`deploy ${service} into dev and qa`, async () => {
      for (const environment of ['dev', 'qa'] as const)
        await landedTarball(twin, await deploy(desk, environment, first), environment, first, note);
    });
    await step(`deploy ${service} into prod-wealth, approved by another`, () =>
      deployApproved(desk, first),
    );
    const second = await step(`push and deploy another ${service}`, async () => {
      const other = await pushed(desk, 'two');
      await landedTarball(twin, await deploy(desk, 'dev', other), 'dev', other, note);
      return other;
    });
    await step(`deploy the older ${service} again`, () => goBack(desk, first, second));
  } finally {
    repository.remove();
  }
}

/** Twice: the second time nothing is sent. And other bytes under the same SHA: a hard stop that names both. */
async function pushed({ twin, service, repository, where, note }: Desk, text: string) {
  const sha = await repository.commit(text);
  const push = () =>
    ask<{ digest: string; outcome: string; version: string }>(twin, 'raj', ['push'], where);
  const { digest, outcome, version } = await push();
  expect(version === sha && outcome === 'pushed', 'the commit is pushed', { version, outcome });
  const again = await push();
  expect(
    again.outcome === 'already-there' && again.digest === digest,
    'pushing it again is success, and sends nothing',
    again,
  );
  await repository.build(`${text}, but not committed`);
  const other = await conveyor(twin, 'raj', ['push', '--json'], where);
  expect(other.code === 1, 'other bytes under the same SHA are refused', other);
  expect(
    new Set(other.stdout.match(/sha256:[0-9a-f]{64}/g)).size === 2 && other.stdout.includes(digest),
    'both digests are named',
    other.stdout,
  );
  await repository.build(text);
  note(`pushed ${service} ${sha.slice(0, 7)}`, `${digest}; again: nothing sent; altered: refused`);
  return { service, sha, digest };
}

async function deploy(
  { twin, service, where }: Desk,
  environment: string,
  { sha }: Tarball,
  person: Person = 'raj',
): Promise<Promotion> {
  const args = ['deploy', service, environment, '--sha', sha, '--timeout', '2m'];
  return (await ask<{ promotion: Promotion }>(twin, person, args, where)).promotion;
}

/** CI waits in `deploy` while a person decides; it ends as the decision does. */
async function deployApproved(desk: Desk, tarball: Tarball): Promise<void> {
  const { twin, service, note } = desk;
  const deploying = deploy(desk, 'prod-wealth', tarball, 'ana');
  const link = await Promise.race([
    until('the approval to be asked for', () => waitingIn(twin, service, 'prod-wealth')).then(
      ({ id }) => linkFor(twin, 'li', id),
    ),
    // It ended before anybody was asked: that is what to tell.
    deploying.then((promotion) => Promise.reject(new Error(JSON.stringify(promotion)))),
  ]);
  const reply = await answer(link, 'approve');
  expect(reply.status === 200, 'the page takes the approval', reply.status);
  await landedTarball(twin, await deploying, 'prod-wealth', tarball, note);
}

/** "Rolling back is re-deploying a previous SHA." */
async function goBack(desk: Desk, older: Tarball, newer: Tarball): Promise<void> {
  const { twin, service, note } = desk;
  expect((await ledgerVersion(twin, service, 'dev')) === newer.sha, 'dev has the newer one before');
  const promotion = await deploy(desk, 'dev', older);
  await landedTarball(twin, promotion, 'dev', older, note);
  note(`${service} back from ${newer.sha.slice(0, 7)}`, `dev is at ${older.sha.slice(0, 7)} again`);
}
