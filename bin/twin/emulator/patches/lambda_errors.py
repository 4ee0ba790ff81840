"""A Node function's error keeps its name. On AWS `errorType` is the error's name, which Catch and Retry match; the
emulator reports every failure as Runtime.HandlerError. The name travels inside the message, between two control
characters, from the worker's script to the result."""

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from .support import require

MARK = "\x01"
REPLACEMENTS = (
    (
        'status: "error", error: e.message, trace: e.stack',
        'status: "error", error: "\\u0001" + (e.name||"Error") + "\\u0001" + e.message, trace: e.stack',
    ),
    (
        'status: "error", error: String(err.message || err), trace',
        'status: "error", error: "\\u0001" + (err.name||"Error") + "\\u0001" + String(err.message || err), trace',
    ),
)


def apply() -> None:
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    for before, after in REPLACEMENTS:
        require(before in script, f"the Node worker's line {before!r}")
        script = script.replace(before, after)
    lambda_runtime._NODEJS_WORKER_SCRIPT = script

    execute = lambda_svc._execute_function_warm

    def named(*args, **kwargs):
        result = execute(*args, **kwargs)
        body = result.get("body") if isinstance(result, dict) else None
        if isinstance(body, dict) and str(body.get("errorMessage", "")).startswith(MARK):
            _, body["errorType"], body["errorMessage"] = body["errorMessage"].split(MARK, 2)
        elif isinstance(body, dict) and result.get("error") and body.get("errorType") != "Sandbox.Timedout":
            # No name came along: the process itself is gone, which AWS calls so.
            body["errorType"] = "Runtime.ExitError"
        return result

    lambda_svc._execute_function_warm = named
