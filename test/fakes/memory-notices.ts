import type { PersonName } from '../../lambdas/domain/names.ts';
import type { Alarms, Message, Notices } from '../../lambdas/ports/notices.ts';

export interface Sent {
  readonly to: PersonName | 'everybody';
  readonly id: string;
  readonly message: Message;
}

/** Everybody's inbox; what was sent twice is there twice. */
export class MemoryNotices implements Notices {
  readonly sent: Sent[] = [];

  async approver(person: PersonName, id: string, message: Message): Promise<void> {
    this.sent.push({ to: person, id, message });
  }

  async everybody(id: string, message: Message): Promise<void> {
    this.sent.push({ to: 'everybody', id, message });
  }

  to(whom: string): readonly Sent[] {
    return this.sent.filter(({ to }) => to === whom);
  }
}

export interface Alarm {
  readonly promotion: string;
  readonly round: number;
  readonly at: Date;
}

/** Alarms that ring when they are asked whether they are due. Like EventBridge Scheduler, they know whole seconds only. */
export class MemoryAlarms implements Alarms {
  readonly #alarms = new Map<string, Alarm>();

  async expireAt(promotion: string, round: number, at: Date): Promise<void> {
    const name = `${promotion}-${round}`;
    if (this.#alarms.has(name)) return;
    const second = new Date(Math.floor(at.getTime() / 1_000) * 1_000);
    this.#alarms.set(name, { promotion, round, at: second });
  }

  async cancel(promotion: string, round: number): Promise<void> {
    this.#alarms.delete(`${promotion}-${round}`);
  }

  get set(): readonly Alarm[] {
    return [...this.#alarms.values()];
  }

  /** Takes down and returns what rings by then. */
  ring(now: Date): readonly Alarm[] {
    const due = this.set.filter(({ at }) => at <= now);
    for (const { promotion, round } of due) this.#alarms.delete(`${promotion}-${round}`);
    return due;
  }
}
