import type { PromotionId } from '../../lambdas/domain/names.ts';
import type { Executions } from '../../lambdas/ports/executions.ts';
import type { PromotionRef } from '../../lambdas/ports/releases.ts';

/** One execution, as far as whoever starts and wakes it can tell. */
export interface Execution {
  isOver(): boolean;
  /** Answers the waiting state with this token; any other token is nobody's. */
  answer(token: string): void;
}

export type StartInput = PromotionRef & { readonly lineUpSeconds: number };

/** Step Functions in memory: named executions, each started once. What they do, `begin` says; by default nothing. */
export class MemoryExecutions<E extends Execution = Execution> implements Executions {
  /** Every start that made an execution, in order. */
  readonly starts: StartInput[] = [];
  /** Every token that was answered, in order, the useless ones included. */
  readonly wakes: string[] = [];
  readonly all = new Map<PromotionId, E>();
  /** When those that are over have closed. @default long ago */
  closedAt = new Date(0);

  constructor(private readonly begin: (input: StartInput) => E | undefined = () => undefined) {}

  async start(ref: PromotionRef, lineUpSeconds: number): Promise<string> {
    const { promotion, service, environment } = ref;
    if (!this.starts.some((started) => started.promotion === promotion)) {
      const input = { promotion, service, environment, lineUpSeconds };
      this.starts.push(input);
      const execution = this.begin(input);
      if (execution !== undefined) this.all.set(promotion, execution);
    }
    return `arn:aws:states:us-east-1:111111111111:execution:conveyor-promote:${promotion}`;
  }

  async wake(token: string): Promise<void> {
    this.wakes.push(token);
    for (const execution of this.all.values()) execution.answer(token);
  }

  async status(promotion: PromotionId): Promise<'running' | { closedAt: Date } | undefined> {
    if (!this.starts.some((started) => started.promotion === promotion)) return undefined;
    return this.all.get(promotion)?.isOver() === true ? { closedAt: this.closedAt } : 'running';
  }
}
