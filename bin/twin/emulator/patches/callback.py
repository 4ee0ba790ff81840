"""A function that fails while it is handed a task token fails its task, as on AWS, where Retry and Catch then have it.
The emulator takes no notice and waits for an answer that nobody will give. Every try has a token of its own, too; the
emulator gives all tries of a state the first one's."""

import contextvars

from ministack.core.responses import new_uuid
from ministack.services import stepfunctions

from .support import require

token_of = contextvars.ContextVar("twin_token", default="")


def apply() -> None:
    for name in ("_call_lambda", "_invoke_with_callback", "_apply_jsonata_arguments", "_task_tokens"):
        require(hasattr(stepfunctions, name), f"stepfunctions.{name}")
    call = stepfunctions._call_lambda
    wait = stepfunctions._invoke_with_callback
    arguments = stepfunctions._apply_jsonata_arguments

    def arguments_with_new_token(state_def, raw_input, ctx=None):
        if ".waitForTaskToken" in state_def.get("Resource", ""):
            ctx["Task"] = {"Token": new_uuid()}
        return arguments(state_def, raw_input, ctx)

    def wait_or_fail(resource, input_data, token, state_def):
        before = token_of.set(token)
        try:
            return wait(resource, input_data, token, state_def)
        finally:
            token_of.reset(before)

    def call_and_tell(func_ref, event):
        try:
            return call(func_ref, event)
        except stepfunctions._ExecutionError as error:
            waiting = stepfunctions._task_tokens.get(token_of.get())
            if waiting is not None:
                waiting["error"] = {"Error": error.error, "Cause": error.cause}
                waiting["event"].set()
            raise

    stepfunctions._apply_jsonata_arguments = arguments_with_new_token
    stepfunctions._invoke_with_callback = wait_or_fail
    stepfunctions._call_lambda = call_and_tell
