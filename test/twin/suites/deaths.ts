import { describe, expect, it } from 'vitest';
import {
  answer,
  ask,
  commits,
  ended,
  ledgerTag,
  linkFor,
  until,
} from '../../../bin/twin/journey/watch.ts';
import { setControl, type Twin } from '../../../bin/twin/start-twin.ts';
import { pushSample } from '../../../bin/twin/use-twin.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import { killFunction, sweep, type Use, whenStored } from './support.ts';

export function deaths(use: Use): void {
  describe('a function killed', () => {
    it('right after the tag was stored at the destination is run again: same promotion, nothing twice', async () => {
      await inDev(use(), '81');
      let killed = 0;
      whenStored(({ account, reference }) => {
        if (account !== 'qa' || reference !== '81' || killed > 0) return;
        killed = killFunction('copy-image');
      });

      const { id } = await asked(use(), 'qa', '81');

      await promotedOnce(use(), 'qa', '81', id);
      whenStored(() => {});
      expect(killed).toBeGreaterThan(0);
    });

    it('after the Ledger commit and before its reply finds its own commit', async () => {
      await inDev(use(), '82');
      const { repository } = use().github;
      const commit = repository.commit.bind(repository);
      let killed = 0;
      repository.commit = async (change) => {
        const made = await commit(change);
        if (killed === 0) killed = killFunction('update-ledger');
        return made;
      };

      const { id } = await asked(use(), 'qa', '82');

      await promotedOnce(use(), 'qa', '82', id);
      repository.commit = commit;
      expect(killed).toBeGreaterThan(0);
    });

    it('after an approval was written and before anybody was woken is made good by the sweep', async () => {
      await inDev(use(), '83');
      await promotedOnce(use(), 'qa', '83', (await asked(use(), 'qa', '83')).id);
      const { id } = await asked(use(), 'prod-wealth', '83', 'ana');
      const link = await linkFor(use(), 'li', id);
      setControl(use().places, {
        killAfterWrite: [{ id, function: 'decision-page', contains: '"approve"' }],
      });

      const reply = await answer(link, 'approve').catch(() => undefined);
      setControl(use().places, {});
      expect(reply?.ok ?? false).toBe(false);
      await sweep(use());

      await promotedOnce(use(), 'prod-wealth', '83', id);
    });
  });
}

const SERVICE = 'ledger-api';

async function inDev(twin: Twin, version: string): Promise<void> {
  await pushSample(twin.endpoint, SERVICE, version);
  await ended(twin, SERVICE, 'dev', version);
}

async function asked(
  twin: Twin,
  environment: string,
  version: string,
  person: 'raj' | 'ana' = 'raj',
): Promise<Promotion> {
  const args = ['promote', SERVICE, environment, '--version', version, '--no-wait'];
  return (await ask<{ promotion: Promotion }>(twin, person, args)).promotion;
}

async function promotedOnce(
  twin: Twin,
  environment: string,
  version: string,
  id: string,
): Promise<void> {
  const promotion = await ended(twin, SERVICE, environment, version, 90);
  expect([promotion.id, promotion.state]).toEqual([id, 'promoted']);
  expect(await ledgerTag(twin, SERVICE, environment)).toBe(version);
  await until('the commit', async () => ((await own(twin, id)) === 1 ? true : undefined), 5);
  expect(await own(twin, id)).toBe(1);
}

async function own(twin: Twin, id: string): Promise<number> {
  return (await commits(twin)).filter((commit) => commit.body.includes(`Conveyor-Promotion: ${id}`))
    .length;
}
