"""A history tells what AWS's tells: with what each task was called, and of which event each event came. The emulator
leaves both out, and with items at work side by side nobody could say whose result is whose. The thread of an item or a
branch has a context of its own, and what came last is kept there."""

import contextvars
import json
import threading

from ministack.services import stepfunctions

from .support import require

called = contextvars.ContextVar("twin_called", default=None)
came_of = contextvars.ContextVar("twin_came_of", default=0)
one_at_a_time = threading.Lock()


def apply() -> None:
    for name in ("_add_event", "_apply_jsonata_arguments", "_run_execution"):
        require(hasattr(stepfunctions, name), f"stepfunctions.{name}")
    add = stepfunctions._add_event
    arguments = stepfunctions._apply_jsonata_arguments
    run = stepfunctions._run_execution

    def add_and_tell(execution, event_type, details=None):
        if event_type == "TaskScheduled":
            scheduled = {**details["taskScheduledEventDetails"], "parameters": json.dumps(called.get())}
            details = {**details, "taskScheduledEventDetails": scheduled}
        with one_at_a_time:
            event = add(execution, event_type, details)
        event["previousEventId"] = came_of.get()
        came_of.set(event["id"])
        return event

    def arguments_kept(state_def, raw_input, ctx=None):
        effective = arguments(state_def, raw_input, ctx)
        called.set(effective)
        return effective

    def run_from_the_first(exec_arn):
        came_of.set(1)
        return run(exec_arn)

    stepfunctions._add_event = add_and_tell
    stepfunctions._apply_jsonata_arguments = arguments_kept
    stepfunctions._run_execution = run_from_the_first
