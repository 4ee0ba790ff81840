"""Parameters announce their changes: on AWS every write and delete is a "Parameter Store Change" event (Systems Manager guide,
"Configuring EventBridge rules for parameters"); the emulator emits none."""

import json

from ministack.services import eventbridge, ssm

from .support import require

NAMES = ("_put_parameter", "_delete_parameter", "_delete_parameters", "_param_arn")


def apply() -> None:
    for name in NAMES:
        require(hasattr(ssm, name), f"ssm.{name}")
    put, delete, delete_all = ssm._put_parameter, ssm._delete_parameter, ssm._delete_parameters

    def put_and_announce(data):
        reply = put(data)
        if reply[0] == 200:
            first = json.loads(reply[2]).get("Version") == 1
            announce(data["Name"], "Create" if first else "Update", data.get("Type"))
        return reply

    def delete_and_announce(data):
        reply = delete(data)
        if reply[0] == 200:
            announce(data["Name"], "Delete")
        return reply

    def delete_all_and_announce(data):
        reply = delete_all(data)
        if reply[0] == 200:
            for name in json.loads(reply[2]).get("DeletedParameters", []):
                announce(name, "Delete")
        return reply

    ssm._put_parameter = put_and_announce
    ssm._delete_parameter = delete_and_announce
    ssm._delete_parameters = delete_all_and_announce


def announce(name: str, operation: str, kind=None) -> None:
    detail = {"operation": operation, "name": name, **({"type": kind} if kind else {})}
    event = {
        "Source": "aws.ssm",
        "DetailType": "Parameter Store Change",
        "Detail": json.dumps(detail),
        "Resources": [ssm._param_arn(name)],
    }
    eventbridge._put_events({"Entries": [event]}, allow_aws_source=True)
