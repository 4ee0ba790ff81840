import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { ask, ended, history, until } from '../../../bin/twin/journey/watch.ts';
import { ACCOUNTS, REGION } from '../../../bin/twin/layout.ts';
import { sampleImage } from '../../../bin/twin/sample-image.ts';
import { setControl, type Twin } from '../../../bin/twin/start-twin.ts';
import { pushSample } from '../../../bin/twin/use-twin.ts';
import type { Refusal } from '../../../lambdas/domain/promotion.ts';
import { sweep, toolsClient, type Use } from './support.ts';

export function intake(use: Use): void {
  describe('intake', () => {
    it.each([
      ['latest', 'latest'],
      ['feature-x', 'tag-pattern'],
    ])('refuses a push tagged %s, and records why', async (tag, code) => {
      await pushSample(use().endpoint, 'pricing', tag);

      const refusal = await refused(use(), tag, (r) => r.tag === tag);

      expect(refusal.code).toBe(code);
      expect(await history(use(), 'pricing', 'dev')).toEqual([]);
    });

    it('refuses children pushed by digest as untagged', async () => {
      const [child] = sampleImage({ service: 'pricing', version: 'latest' }).manifests;

      const refusal = await refused(use(), child?.digest ?? '', (r) => r.tag === undefined);

      expect(refusal.code).toBe('untagged');
    });

    it('refuses repositories and accounts that conveyor.yaml does not name', async () => {
      await announce(use(), {
        account: ACCOUNTS.dev,
        repository: 'forge/unknown',
        tag: '41',
        digest: digest('1'),
      });
      await announce(use(), {
        account: '999999999999',
        repository: 'forge/pricing',
        tag: '42',
        digest: digest('2'),
      });

      const [repository, account] = await Promise.all([
        refused(use(), '41', (r) => r.repository === 'forge/unknown'),
        refused(use(), '42', (r) => r.account === '999999999999'),
      ]);

      expect([repository.code, account.code]).toEqual(['repository', 'account']);
    });

    it('makes one release and one promotion of the same event delivered 50 times', async () => {
      const pushed = await pushSample(use().endpoint, 'pricing', '51');
      const event = {
        account: ACCOUNTS.dev,
        repository: 'forge/pricing',
        tag: '51',
        digest: pushed,
      };

      await Promise.all(Array.from({ length: 50 }, () => announce(use(), event)));
      await ended(use(), 'pricing', 'dev', '51');
      await announce(use(), event);

      const promotions = (await history(use(), 'pricing', 'dev')).filter((p) => p.version === '51');
      expect(promotions.map((p) => p.state)).toEqual(['promoted']);
      const { releases } = await ask<{ releases: { version: string }[] }>(use(), 'raj', [
        'releases',
        'pricing',
      ]);
      expect(releases.filter((release) => release.version === '51')).toHaveLength(1);
    });

    it('raises by the sweep what no event announced', async () => {
      setControl(use().places, { dropEcrTags: ['52'] });
      await pushSample(use().endpoint, 'pricing', '52');
      setControl(use().places, {});
      await pushSample(use().endpoint, 'pricing', '53');
      await ended(use(), 'pricing', 'dev', '53');
      setControl(use().places, { dropEcrTags: ['54'] });
      await pushSample(use().endpoint, 'pricing', '54');
      setControl(use().places, {});

      await sweep(use());

      // 54 is newer than what landed and lands; 52 is older: dev does not go backwards by itself, and says so.
      expect((await ended(use(), 'pricing', 'dev', '54')).state).toBe('promoted');
      const older = await ended(use(), 'pricing', 'dev', '52');
      expect([older.state, older.because]).toEqual([
        'superseded',
        '53 is newer and landed already',
      ]);
    });
  });
}

function refused(
  twin: Twin,
  artifact: string,
  which: (refusal: Refusal) => boolean,
): Promise<Refusal> {
  return until('a recorded refusal', async () => {
    const { refusals } = await ask<{ refusals: Refusal[] }>(twin, 'raj', ['why', artifact, 'dev']);
    return refusals.find(which);
  });
}

async function announce(
  twin: Twin,
  push: { account: string; repository: string; tag: string; digest: string },
): Promise<void> {
  const event = {
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    account: push.account,
    region: REGION,
    time: '2026-11-21T12:00:00Z',
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': push.repository,
      'image-digest': push.digest,
      'image-tag': push.tag,
    },
  };
  const lambda = new LambdaClient(toolsClient(twin));
  const reply = await lambda.send(
    new InvokeCommand({ FunctionName: 'conveyor-image-pushed', Payload: JSON.stringify(event) }),
  );
  if (reply.FunctionError !== undefined)
    throw new Error(Buffer.from(reply.Payload ?? []).toString());
}

function digest(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}
