import { describe, expect, it } from 'vitest';
import { ledgerTag } from '../../../bin/twin/journey/watch.ts';
import type { Twin } from '../../../bin/twin/start-twin.ts';
import { conveyorAs, registryOf } from '../../../bin/twin/use-twin.ts';
import { RepositoryName, Version } from '../../../lambdas/domain/names.ts';
import type { Use } from './support.ts';

export function restart(use: Use, start: () => Promise<Twin>, replace: (twin: Twin) => void): void {
  describe('a second start', () => {
    it('is refused while the first one runs, with what to do', async () => {
      await expect(start()).rejects.toThrow(/Port 14566, .* in use.*TWIN_BASE_PORT=/s);
    });

    it('finds everything as it was left, and deploys nothing', async () => {
      const before = await ledgerTag(use(), 'payments', 'prod-wealth');
      await use().stop();

      replace(await start());

      expect(use().deployment).toBe('unchanged');
      expect(await ledgerTag(use(), 'payments', 'prod-wealth')).toBe(before);
      const status = await conveyorAs(use().endpoint, 'raj', ['status', '--json']);
      const payments = JSON.parse(status.stdout).data.services.find(
        ({ service }: { service: string }) => service === 'payments',
      );
      const [, , prod] = payments.cells;
      expect(prod.landed.version).toBe(before);
      const registry = await registryOf(use().endpoint, 'prod-wealth');
      const image = await registry.head(
        RepositoryName.parse('forge/payments'),
        Version.parse(before),
      );
      expect(image?.digest).toBe(prod.landed.digest);
    });
  });
}
