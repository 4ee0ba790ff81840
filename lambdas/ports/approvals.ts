import type { PersonName, PromotionId } from '../domain/names.ts';
import type { Vote } from '../domain/promotion.ts';

/** One asking of a promotion's approvers. A promotion whose facts moved is asked again, as the next round. */
export interface Approval {
  readonly promotion: PromotionId;
  readonly round: number;
  /** Hash of what was shown; another hash voids this round. */
  readonly shown: string;
  readonly asked: readonly PersonName[];
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly state: 'open' | 'void' | 'expired';
  readonly votes: readonly Vote[];
  /** Sealed token of the waiting execution. */
  readonly token?: string;
  /** Which asking of the state the token is of; a later one's stays. */
  readonly asking?: string;
  /** People whose message went out. */
  readonly told: readonly PersonName[];
}

/** What a link in a mail leads to; found by the hash of its token only. */
export interface ApprovalLink {
  readonly promotion: PromotionId;
  readonly round: number;
  readonly person: PersonName;
  readonly expiresAt: string;
}

export interface Approvals {
  /** The newest round, or undefined where nobody was asked. */
  latest(promotion: PromotionId): Promise<Approval | undefined>;
  /** Opens a round once: the same round again answers with what is there. */
  open(approval: Approval): Promise<Approval>;
  /** Adds to an open round: who was told, the waiting execution's sealed token (of its latest asking, by order of text). False: it is not open any more. */
  note(
    promotion: PromotionId,
    round: number,
    note: {
      readonly parked?: { readonly token: string; readonly asking: string };
      readonly told?: PersonName;
    },
  ): Promise<boolean>;
  /** One vote a person and round, only while the round is open. Answers with the round as it stands, the first vote winning. */
  vote(promotion: PromotionId, round: number, vote: Vote): Promise<Approval>;
  /** Ends an open round. */
  close(promotion: PromotionId, round: number, state: 'void' | 'expired'): Promise<void>;
  /** Stores a link under its token's hash, or reads it. */
  readonly links: {
    put(tokenHash: string, link: ApprovalLink): Promise<void>;
    get(tokenHash: string): Promise<ApprovalLink | undefined>;
  };
}
