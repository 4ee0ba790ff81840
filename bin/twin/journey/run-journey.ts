import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Step } from '../deploy.ts';
import type { Twin } from '../start-twin.ts';
import { pushSample } from '../use-twin.ts';
import { promoteApproved, rollback } from './approve.ts';
import { expect } from './expect.ts';
import { landed, manualSync, SERVICE, sameEverywhere } from './look.ts';
import { ask, ended, ledgerTag } from './watch.ts';

export interface Row {
  readonly what: string;
  readonly seen: string;
}

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
