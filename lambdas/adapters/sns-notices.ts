import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { PersonName } from '../domain/names.ts';
import type { Message, Notices } from '../ports/notices.ts';

export interface SnsNoticesOptions {
  readonly approvalsTopicArn: string;
  readonly noticesTopicArn: string;
  /** The incoming webhook's URL, which is a secret. Newer webhooks are bound to a channel and ignore the one named. */
  readonly slack?: { readonly webhook: () => Promise<string>; readonly channel: string };
  readonly onSlackFailure: (problem: string) => void;
}

const SLACK_TIMEOUT_MILLISECONDS = 5_000;

export class SnsNotices implements Notices {
  constructor(
    private readonly client: SNSClient,
    private readonly options: SnsNoticesOptions,
  ) {}

  /** Subscriptions filter by `person`, so each approver gets nobody else's link. */
  async approver(person: PersonName, id: string, message: Message): Promise<void> {
    await this.publish(this.options.approvalsTopicArn, id, message, { person });
  }

  async everybody(id: string, message: Message): Promise<void> {
    await Promise.all([
      this.publish(this.options.noticesTopicArn, id, message, {}),
      this.slack(message),
    ]);
  }

  private async publish(
    TopicArn: string,
    id: string,
    { subject, text }: Message,
    attributes: Record<string, string>,
  ): Promise<void> {
    const all = Object.entries({ id, ...attributes });
    await this.client.send(
      new PublishCommand({
        TopicArn,
        Subject: subject,
        Message: text,
        MessageAttributes: Object.fromEntries(
          all.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
        ),
      }),
    );
  }

  /** Slack is a courtesy beside the topic: its failing is logged, without the URL, and fails nothing. */
  private async slack({ text, slack }: Message): Promise<void> {
    if (this.options.slack === undefined) return;
    try {
      const reply = await fetch(await this.options.slack.webhook(), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ channel: this.options.slack.channel, ...(slack ?? { text }) }),
        signal: AbortSignal.timeout(SLACK_TIMEOUT_MILLISECONDS),
      });
      if (!reply.ok) this.options.onSlackFailure(`it answered ${reply.status}`);
    } catch (error) {
      this.options.onSlackFailure(error instanceof Error ? error.name : 'unknown');
    }
  }
}
