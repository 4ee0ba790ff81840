"""EventBridge between accounts. On AWS a rule may target another account's bus (with a role, and a policy on that
bus); the emulator accepts such a rule and drops its events, and does not know AWS::Events::EventBusPolicy."""

import contextvars

from ministack.core.responses import get_account_id, set_request_account_id
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from .support import require


def apply() -> None:
    require(hasattr(eventbridge, "_dispatch_to_event_bus"), "eventbridge._dispatch_to_event_bus")
    within = eventbridge._dispatch_to_event_bus

    def dispatch(spec, event, rule, event_path, target_input_payload=None):
        if spec.account_id == get_account_id():
            return within(spec, event, rule, event_path, target_input_payload)

        def across():
            # The envelope keeps the account the event happened in; only the scope moves.
            forwarded = dict(event)
            forwarded.setdefault("Account", get_account_id())
            set_request_account_id(spec.account_id)
            return within(spec, forwarded, rule, event_path, target_input_payload)

        return contextvars.copy_context().run(across)

    eventbridge._dispatch_to_event_bus = dispatch

    require("AWS::Events::EventBusPolicy" not in provisioners._RESOURCE_HANDLERS, "EventBusPolicy is known by now")
    provisioners._RESOURCE_HANDLERS["AWS::Events::EventBusPolicy"] = {
        "create": lambda logical_id, properties, stack: (logical_id, {}),
        "delete": lambda physical_id, properties: None,
    }
