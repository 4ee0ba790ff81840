import type { PromotionId } from '../../../lambdas/domain/names.ts';
import type { Executions } from '../../../lambdas/ports/executions.ts';
import type { PromotionRef } from '../../../lambdas/ports/releases.ts';
import { Execution, type Machine } from '../asl/interpreter.ts';
import type { Platform } from '../asl/platform.ts';
import type { Tokens } from '../asl/tokens.ts';

/** A closed execution's name is free again after so long ("StartExecution", API reference). */
const NAME_KEPT_MILLISECONDS = 90 * 86_400_000;

interface Named {
  readonly execution: Execution;
  closedAt?: number;
}

/** Step Functions, as promotions see it, over the interpreter. */
export class SimExecutions implements Executions {
  /** Every execution ever, in order. */
  readonly all: Execution[] = [];
  /** Every token that was answered, in order, the useless ones included. */
  readonly #names = new Map<string, Named>();

  constructor(
    private readonly platform: Platform & { readonly tokens: Tokens },
    private readonly machine: Machine,
  ) {}

  async start({ promotion, service, environment }: PromotionRef, lineUpSeconds: number) {
    const { loop } = this.platform;
    const known = this.#names.get(promotion);
    const free =
      known?.closedAt !== undefined && loop.now() - known.closedAt > NAME_KEPT_MILLISECONDS;
    if (known === undefined || free) {
      const input = { promotion, service, environment, lineUpSeconds };
      const execution = new Execution(this.platform, this.machine, promotion, input);
      this.#names.set(promotion, { execution });
      this.all.push(execution);
      this.#awaitEnd(promotion);
    }
    return `arn:aws:states:us-east-1:111111111111:execution:promote:${promotion}`;
  }

  /** As an operator may do with what failed or was stopped. */
  redrive(promotion: string): void {
    if (this.#names.get(promotion)?.execution.redrive() === true) this.#awaitEnd(promotion);
  }

  #awaitEnd(promotion: string): void {
    const { loop } = this.platform;
    const named = this.#names.get(promotion);
    if (named === undefined) return;
    delete named.closedAt;
    loop.spawn(async () => {
      await named.execution.ended;
      named.closedAt = loop.now();
    });
  }

  async wake(token: string): Promise<void> {
    this.platform.tokens.succeed(token, {});
  }

  async status(promotion: PromotionId): Promise<'running' | { closedAt: Date } | undefined> {
    const known = this.#names.get(promotion);
    if (known === undefined) return undefined;
    if (!known.execution.isOver) return 'running';
    return { closedAt: new Date(known.closedAt ?? this.platform.loop.now()) };
  }

  of(promotion: PromotionId): Execution | undefined {
    return this.#names.get(promotion)?.execution;
  }
}
