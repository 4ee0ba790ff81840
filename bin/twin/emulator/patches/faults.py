"""Deaths on demand, for the twin's tests: SIGKILLs a function's process right after a write of its to DynamoDB took
effect, before the reply reaches it, which is what a lost reply or a dying sandbox is from inside. The control file
says which: {"killAfterWrite": [{"id": "1", "function": "decision-page", "contains": "approve"}]}; each id once."""

import os
import signal

from ministack.services import dynamodb

from .support import control, require

fired = set()


def apply() -> None:
    require(hasattr(dynamodb, "handle_request"), "dynamodb.handle_request")
    handle = dynamodb.handle_request

    async def handle_and_kill(method, path, headers, body, query_params):
        reply = await handle(method, path, headers, body, query_params)
        target = {name.lower(): value for name, value in headers.items()}.get("x-amz-target", "")
        if "Write" in target or "Put" in target or "Update" in target:
            text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
            for order in control().get("killAfterWrite", []):
                if order["id"] not in fired and order["contains"] in text:
                    fired.add(order["id"])
                    kill(order["function"])
        return reply

    dynamodb.handle_request = handle_and_kill


def kill(function: str) -> None:
    wanted = f"AWS_LAMBDA_FUNCTION_NAME=conveyor-{function}".encode()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                if wanted in f.read().split(b"\0"):
                    os.kill(int(pid), signal.SIGKILL)
        except OSError:
            continue
