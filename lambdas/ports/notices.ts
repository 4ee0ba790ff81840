import type { PersonName } from '../domain/names.ts';

export interface Message {
  /** ASCII, at most 100 characters (SNS). */
  readonly subject: string;
  readonly text: string;
  /** Body of an incoming webhook. @default the text */
  readonly slack?: { readonly text: string };
}

/** Everything that tells people something. A message is sent at least once; `id` lets a receiver see the second. */
export interface Notices {
  /** To one approver, through the approvals topic. */
  approver(person: PersonName, id: string, message: Message): Promise<void>;
  /** To the notices topic and Slack. Slack failing does not keep the topic's message back. */
  everybody(id: string, message: Message): Promise<void>;
}

/** One-off alarms. */
export interface Alarms {
  /** Calls the expiry of this approval round at that time; set twice, set once. */
  expireAt(promotion: string, round: number, at: Date): Promise<void>;
  cancel(promotion: string, round: number): Promise<void>;
}
