import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Twin } from '../start-twin.ts';
import { expect } from './expect.ts';
import { type Note, SERVICE } from './look.ts';
import { answer, ask, conveyor, ended, linkFor, until } from './watch.ts';

const LINK_OPENINGS = 50;

/** Asked by ana, opened by scanners, refused to ana herself, approved by li on the page. */
export async function promoteApproved(twin: Twin, version: string, note: Note): Promise<Promotion> {
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

/** A rollback of prod-wealth is a promotion like any other: asked, approved, landed. */
export async function rollback(twin: Twin, to: string, note: Note): Promise<Promotion> {
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
