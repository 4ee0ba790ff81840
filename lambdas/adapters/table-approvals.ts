import { NotFound, Unavailable } from '../domain/errors.ts';
import type { PersonName, PromotionId } from '../domain/names.ts';
import type { Vote } from '../domain/promotion.ts';
import type { Approval, ApprovalLink, Approvals } from '../ports/approvals.ts';
import type { Stored, Table } from '../ports/table.ts';
import { keys } from './table-keys.ts';

const ATTEMPTS = 20;
/** A link outlives its approval, so that a late click is told what became of it. */
const LINK_KEPT_SECONDS = 30 * 86_400;

export class TableApprovals implements Approvals {
  constructor(private readonly table: Table) {}

  async latest(promotion: PromotionId): Promise<Approval | undefined> {
    const { pk, sk } = keys.approvals(promotion);
    const [last] = await this.table.query<Approval>(pk, sk, { newestFirst: true, limit: 1 });
    return last?.value;
  }

  async open(approval: Approval): Promise<Approval> {
    const key = keys.approval(approval.promotion, approval.round);
    if (await this.table.write([{ ...key, expected: 'absent', value: approval }])) return approval;
    return (await this.round(approval.promotion, approval.round)).value;
  }

  async note(
    promotion: PromotionId,
    round: number,
    note: { parked?: { token: string; asking: string }; told?: PersonName },
  ): Promise<boolean> {
    const after = await this.change(promotion, round, (approval) => ({
      ...approval,
      ...(note.parked && note.parked.asking >= (approval.asking ?? '') && note.parked),
      told:
        note.told === undefined || approval.told.includes(note.told)
          ? approval.told
          : [...approval.told, note.told],
    }));
    return after.state === 'open';
  }

  vote(promotion: PromotionId, round: number, vote: Vote): Promise<Approval> {
    return this.change(promotion, round, (approval) =>
      approval.votes.some((earlier) => earlier.person === vote.person)
        ? approval
        : { ...approval, votes: [...approval.votes, vote] },
    );
  }

  async close(promotion: PromotionId, round: number, state: 'void' | 'expired'): Promise<void> {
    await this.change(promotion, round, (approval) => ({ ...approval, state }));
  }

  readonly links = {
    put: async (tokenHash: string, link: ApprovalLink): Promise<void> => {
      const ttl = Math.floor(Date.parse(link.expiresAt) / 1_000) + LINK_KEPT_SECONDS;
      await this.table.write([{ ...keys.link(tokenHash), expected: 'absent', value: link, ttl }]);
    },
    get: async (tokenHash: string): Promise<ApprovalLink | undefined> =>
      (await this.table.get<ApprovalLink>(keys.link(tokenHash)))?.value,
  };

  /** Only an open round changes. */
  private async change(
    promotion: PromotionId,
    round: number,
    edit: (approval: Approval) => Approval,
  ): Promise<Approval> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const item = await this.round(promotion, round);
      if (item.value.state !== 'open') return item.value;
      const after = edit(item.value);
      if (after === item.value) return after;
      if (
        await this.table.write([{ pk: item.pk, sk: item.sk, expected: item.version, value: after }])
      )
        return after;
    }
    throw new Unavailable(`The approval of ${promotion} is being written by too many at once`, {
      data: { promotion },
    });
  }

  private async round(promotion: PromotionId, round: number): Promise<Stored<Approval>> {
    const item = await this.table.get<Approval>(keys.approval(promotion, round));
    if (item === undefined)
      throw new NotFound(`${promotion} has no approval of round ${round}`, {
        data: { promotion, round },
      });
    return item;
  }
}
