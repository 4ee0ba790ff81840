"""Mails arrive. On AWS an e-mail subscription, once its person confirmed it, delivers subject and text; the emulator
records the subscription and drops the message. Here the twin's inbox gets it (everybody has confirmed), after the
emulator's own filter policies."""

from ministack.services import sns

from .support import post_later, require, setting


def apply() -> None:
    for name in ("_fanout", "_topic_by_arn_any_scope", "_matches_filter_policy", "_resolve_message_for_protocol"):
        require(hasattr(sns, name), f"sns.{name}")
    inbox = setting("INBOX")
    fanout = sns._fanout

    def fanout_and_mail(topic_arn, msg_id, message, subject, message_structure="", message_attributes=None, **rest):
        fanout(topic_arn, msg_id, message, subject, message_structure, message_attributes, **rest)
        topic = sns._topic_by_arn_any_scope(topic_arn)
        for subscription in topic["subscriptions"] if topic and inbox else ():
            if subscription.get("protocol") not in ("email", "email-json"):
                continue
            text = sns._resolve_message_for_protocol(message, message_structure, "email")
            if sns._matches_filter_policy(subscription, message_attributes or {}, text):
                post_later(
                    f"{inbox}/mail",
                    {"id": msg_id, "to": subscription.get("endpoint"), "subject": subject, "text": text},
                )

    sns._fanout = fanout_and_mail
