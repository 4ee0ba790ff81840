import { CreateRepositoryCommand, DeleteRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import {
  ask,
  conveyor,
  ended,
  history,
  ledgerTag,
  until,
} from '../../../bin/twin/journey/watch.ts';
import { ACCOUNTS, REGION } from '../../../bin/twin/layout.ts';
import type { Twin } from '../../../bin/twin/start-twin.ts';
import { pushSample } from '../../../bin/twin/use-twin.ts';
import type { Promotion } from '../../../lambdas/domain/promotion.ts';
import type { Use } from './support.ts';

export function failures(use: Use): void {
  describe('what goes wrong', () => {
    it('in conveyor.yaml is said with its place before anything is deployed, and mended by mending it', async () => {
      await expect(
        use().reconfigure({ 'services.payments.stages': ['dev', 'quality'] }),
      ).rejects.toThrow(/conveyor\.yaml:\d+:\d+.*services\.payments\.stages.*quality/s);

      await use().reconfigure({});

      expect((await conveyor(use(), 'raj', ['status'])).code).toBe(0);
    });

    it('for want of a repository in qa names it, loses nothing, and a rerun succeeds', async () => {
      await inDev(use(), '91');
      const ecr = new ECRClient({
        endpoint: use().endpoint.origin,
        region: REGION,
        credentials: { accessKeyId: ACCOUNTS.qa, secretAccessKey: 'twin' },
      });
      await ecr.send(new DeleteRepositoryCommand({ repositoryName: REPOSITORY, force: true }));

      const failed = await conveyor(use(), 'raj', ['promote', SERVICE, 'qa', '--wait']);

      expect(failed.code).toBe(1);
      const [promotion] = await history(use(), SERVICE, 'qa');
      expect(promotion?.cause).toMatchObject({ code: 'RepositoryMissing', step: 'copy' });
      expect(promotion?.cause?.message).toContain(REPOSITORY);
      await told(use(), 'RepositoryMissing', REPOSITORY);
      await ecr.send(
        new CreateRepositoryCommand({
          repositoryName: REPOSITORY,
          imageTagMutability: 'IMMUTABLE',
        }),
      );
      expect((await conveyor(use(), 'raj', ['promote', SERVICE, 'qa', '--wait'])).code).toBe(0);
    });

    it('at a git host that answers 500 for a moment is tried again and succeeds', async () => {
      await inDev(use(), '92');
      use().github.failNext({ requests: 3 });

      const { code } = await conveyor(use(), 'raj', ['promote', SERVICE, 'qa', '--wait']);

      use().github.endOutage();
      expect(code).toBe(0);
    });

    it('at a git host that stays down fails in words, says what was copied, and a rerun succeeds', async () => {
      await inDev(use(), '93');
      use().github.failNext({ seconds: 300 });

      const failed = await conveyor(use(), 'raj', [
        'promote',
        SERVICE,
        'qa',
        '--wait',
        '--timeout',
        '3m',
      ]);

      use().github.endOutage();
      expect(failed.code).toBe(1);
      const [promotion] = await history(use(), SERVICE, 'qa');
      expect(promotion).toMatchObject({
        version: '93',
        state: 'failed',
        cause: { code: 'LedgerUnavailable', step: 'ledger' },
      });
      expect(promotion?.steps.copy?.outcome).toBe('copied');
      expect(promotion?.steps.verify?.digest).toBe(promotion?.digest);
      expect(await ledgerTag(use(), SERVICE, 'qa')).toBe('92');
      const { promotion: again } = await ask<{ promotion: Promotion }>(use(), 'raj', [
        'promote',
        SERVICE,
        'qa',
        '--wait',
      ]);
      expect([again.state, again.steps.copy?.outcome]).toEqual(['promoted', 'already-present']);
      expect(await ledgerTag(use(), SERVICE, 'qa')).toBe('93');
    });
  });
}

const SERVICE = 'ledger-api';
const REPOSITORY = 'forge/ledger-api';

async function inDev(twin: Twin, version: string): Promise<void> {
  await pushSample(twin.endpoint, SERVICE, version);
  await ended(twin, SERVICE, 'dev', version);
}

/** Slack and the notices topic heard of it, with a link to the execution. */
async function told(twin: Twin, ...words: readonly string[]): Promise<void> {
  const all = (text: string) =>
    words.some((word) => text.includes(word)) && text.includes('states/home');
  await until('the failure in Slack', async () => twin.inbox.slack.find(({ text }) => all(text)));
  await until('the failure by mail', async () =>
    twin.inbox.mails.find(({ to, text }) => to === 'platform-support@forge.example' && all(text)),
  );
}
