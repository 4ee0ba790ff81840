import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotFound, Unavailable } from '../../lambdas/domain/errors.ts';
import type { Deployments } from '../../lambdas/ports/argocd.ts';

export const IMAGE = '222222222222.dkr.ecr.eu-west-1.amazonaws.com/payments';

/** An Argo CD with the applications `payments-dev` (automatic) and `payments-prod` (manual), both running 1041. */
export interface ArgocdUnderTest {
  readonly deployments: Deployments;
  /** Sets the tag of one application in the Ledger; returns the commit. */
  push(application: string, tag: string): Promise<string>;
  goDown(): void;
  close(): Promise<void>;
}

/** What every `Deployments` does, the one in memory and Argo CD's API. */
export function argocdContract(name: string, start: () => Promise<ArgocdUnderTest>): void {
  describe(`Deployments: ${name}`, () => {
    let under: ArgocdUnderTest;
    beforeEach(async () => {
      under = await start();
    });
    afterEach(async () => under.close());

    it('says what runs, and since when', async () => {
      const state = await under.deployments.application('payments-prod');

      expect(state).toMatchObject({
        name: 'payments-prod',
        sync: 'Synced',
        health: 'Healthy',
        images: [`${IMAGE}:1041`],
        autoSync: false,
        operation: { phase: 'Succeeded' },
      });
      expect(state?.history).toHaveLength(1);
      expect(state?.history[0]?.revision).toBe(state?.revision);
      expect(state?.history[0]?.deployedAt).toBeInstanceOf(Date);
      expect(state?.url).toMatch(/applications\/payments-prod$/);
    });

    it('knows no application of another name', async () => {
      expect(await under.deployments.application('nowhere')).toBeUndefined();
      await expect(under.deployments.sync('nowhere')).rejects.toThrow(NotFound);
    });

    it('deploys a change by itself where sync is automatic', async () => {
      const revision = await under.push('payments-dev', '1042');

      expect(await under.deployments.application('payments-dev')).toMatchObject({
        autoSync: true,
        sync: 'Synced',
        revision,
        images: [`${IMAGE}:1042`],
        history: [{ id: 0 }, { id: 1, revision }],
      });
    });

    it('waits for a sync where it is manual', async () => {
      const revision = await under.push('payments-prod', '1042');
      expect(await under.deployments.application('payments-prod')).toMatchObject({
        sync: 'OutOfSync',
        revision,
        images: [`${IMAGE}:1041`],
        history: [{ id: 0 }],
      });

      await under.deployments.sync('payments-prod');

      expect(await under.deployments.application('payments-prod')).toMatchObject({
        sync: 'Synced',
        revision,
        images: [`${IMAGE}:1042`],
        history: [{ id: 0 }, { id: 1, revision }],
      });
    });

    it('is not out of sync by a change elsewhere in the Ledger', async () => {
      await under.push('payments-dev', '1042');

      expect(await under.deployments.application('payments-prod')).toMatchObject({
        sync: 'Synced',
      });
    });

    it('may be asked again after it was down', async () => {
      under.goDown();

      await expect(under.deployments.application('payments-dev')).rejects.toThrow(Unavailable);
    });
  });
}
