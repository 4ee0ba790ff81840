import { describe, expect, it } from 'vitest';
import { dev, orders, payments, qa } from './shop.ts';
import { World } from './world.ts';

describe('a service that others pull (target store)', () => {
  it('lands in the environment and in its manifest of the Ledger, and nobody is watched', async () => {
    const world = new World({ target: { store: {} } });

    await world.push(payments, '41');
    await world.push(orders, '7');
    const id = await world.promote(payments, qa);

    expect(await world.promotion(id)).toMatchObject({
      state: 'promoted',
      steps: { copy: { outcome: 'copied' }, verify: {}, ledger: { outcome: 'committed' } },
    });
    expect((await world.promotion(id)).steps.observe).toBeUndefined();
    expect(world.ledger.text('manifest.dev.yaml')).toBe(
      'payments:\n  version: "41"\norders:\n  version: "7"\nrelay:\n  version: "0"\n',
    );
    expect(world.ledger.text('manifest.qa.yaml')).toContain('payments:\n  version: "41"\n');
  });

  it('may have a path, a key and a key for the digest of its own', async () => {
    const target = {
      store: { path: 'envs/{environment}/{service}.yaml', key: 'image.tag', digestKey: 'replicas' },
    };
    const world = new World({ target });

    await world.push(payments, '41');

    const [promotion] = await world.history(payments, dev);
    expect(world.ledger.text('envs/dev/payments.yaml')).toBe(
      `image:\n  tag: "41" # set by Conveyor\nreplicas: ${promotion?.digest}\n`,
    );
  });
});
