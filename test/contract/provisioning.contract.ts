import { describe, expect, it } from 'vitest';
import { EnvironmentName, ServiceName } from '../../lambdas/domain/names.ts';
import type { PublishedTarget } from '../../lambdas/domain/provision-run.ts';
import type { Provisioning, Targets } from '../../lambdas/ports/provisioning.ts';

export interface ProvisioningSubject {
  readonly port: Provisioning & Targets;
  /** What people and `cdk deploy` would write, by the parameter's name. */
  put(name: string, value: string): void;
}

const prod = EnvironmentName.parse('prod');
const qa = EnvironmentName.parse('qa');
const relay = ServiceName.parse('relay');

const target: PublishedTarget = {
  schema: 1,
  service: relay,
  environment: prod,
  kind: 'systemd',
  hosts: 'wardnet:relay=true' as PublishedTarget['hosts'],
  folder: '/srv/wardnet/relay',
  unit: 'wardnet-relay.service',
  instances: 2,
  at: '2026-03-01T12:00:00.000Z',
};

/** What every store of provisioning's parameters does. */
export function provisioningContract(name: string, open: () => Promise<ProvisioningSubject>): void {
  describe(`provisioning's parameters: ${name}`, () => {
    it('tells what is declared in an environment, all of it and nothing else’s', async () => {
      const { port, put } = await open();
      for (let n = 0; n < 25; n++) put(`/conveyor/provision/prod/s${n}`, `{"n":${n}}`);
      put('/conveyor/provision/prod-wealth/relay', '{}');

      const found = await port.desired(prod);

      expect(found).toHaveLength(25);
      expect(found).toContainEqual({ service: 's7', text: '{"n":7}' });
      expect(await port.desired(qa)).toEqual([]);
    });

    it('tells a credential, and nothing where there is none', async () => {
      const { port, put } = await open();
      put('/conveyor/credentials/prod/relay', 'a secret');

      expect(await port.credential(prod, relay)).toBe('a secret');
      expect(await port.credential(qa, relay)).toBeUndefined();
    });

    it('has one key for an environment, whoever asks, however often', async () => {
      const { port } = await open();

      const keys = await Promise.all([port.fingerprintKey(prod), port.fingerprintKey(prod)]);

      expect(keys[0]?.length).toBeGreaterThanOrEqual(32);
      expect(Buffer.from(keys[1] ?? [])).toEqual(Buffer.from(keys[0] ?? []));
      expect(Buffer.from(await port.fingerprintKey(prod))).toEqual(Buffer.from(keys[0] ?? []));
      expect(Buffer.from(await port.fingerprintKey(qa))).not.toEqual(Buffer.from(keys[0] ?? []));
    });

    it('publishes a target in place of the one before, and withdraws it, twice as once', async () => {
      const { port } = await open();
      expect(await port.find(prod, relay)).toBeUndefined();

      await port.publish({ ...target, instances: 1 });
      await port.publish(target);

      expect(await port.find(prod, relay)).toEqual(target);
      expect(await port.find(qa, relay)).toBeUndefined();
      await port.withdraw(prod, relay);
      await port.withdraw(prod, relay);
      expect(await port.find(prod, relay)).toBeUndefined();
    });
  });
}
