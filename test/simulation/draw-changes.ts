import type { Changes } from '../promote/shop.ts';
import type { Random } from './random.ts';

/** What the environments' policies are, for all of a scenario's time or until somebody changes one. */
export function drawChanges(random: Random): Changes {
  const strategy = () => random.of(['latest', 'every'] as const);
  return {
    dev: { promotion: 'auto', strategy: strategy() },
    qa: { promotion: random.of(['auto', 'manual']), strategy: strategy() },
    prod: {
      promotion: random.of(['auto', 'auto', 'manual']),
      strategy: strategy(),
      argocd: { sync: random.of(['auto', 'manual']) },
      ...drawApproval(random),
    },
  };
}

/** Who must say yes, and within what time. */
export function drawApproval(random: Random): Changes[string] {
  return {
    approval: {
      approvers: random.of(['engineers', ['ana', 'li'], ['li', 'tom', 'mei', 'raj']]),
      minimum: random.of([1, 1, 2]),
      selfApproval: random.chance(0.2),
      required: random.chance(0.85),
      expires: random.of(['1h', '24h']),
    },
  };
}
