import type { ProvisionAct } from '../draw-provision.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;

/** Who declares what hosts are to have, and has it provisioned. */
export class Provisioners {
  constructor(private readonly world: World) {}

  async act(act: ProvisionAct): Promise<void> {
    const { provisioning } = this.world;
    switch (act.do) {
      case 'declare':
        provisioning.declare(act.environment, act.service, act.provision);
        return this.#tell(act);
      case 'credential':
        provisioning.putCredential(act.environment, act.service, act.n);
        return this.#tell(act);
      case 'provision': {
        const { environment, mode, service, times } = act;
        for (let n = 0; n < times; n++)
          provisioning.start({ environment, mode, ...(service && { service }) });
        return;
      }
      case 'abandon': {
        const running = provisioning.executions.filter(({ isOver }) => !isOver);
        running[act.which % Math.max(1, running.length)]?.stop('Stopped', 'by hand');
      }
    }
  }

  /** "Parameter Store Change" is a best effort. */
  #tell(act: Extract<ProvisionAct, { do: 'declare' | 'credential' }>): void {
    const { random, loop, provisioning } = this.world;
    const { told, environment, service } = act;
    const once = async () => {
      await loop.sleep(told === 'late' ? random.below(60) * MINUTE : random.below(3_000));
      provisioning.tell(act.do, environment, service);
    };
    for (let n = { never: 0, once: 1, late: 1, twice: 2 }[told]; n > 0; n--) loop.spawn(once);
  }
}
