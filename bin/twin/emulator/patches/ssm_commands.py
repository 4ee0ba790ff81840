"""Run Command. AWS keeps documents of one's own (AWS::SSM::Document), checks a parameter by its allowedPattern, hands it to
aws:runShellScript as the variable SSM_<name> where interpolationType says ENV_VAR ("SSM document syntax", Systems Manager
guide), lists what became of a command on its hosts, cancels, and has the agent put what a script printed into OutputS3BucketName.
The emulator knows AWS-RunShellScript alone, lets any other document succeed without running it, and has neither
ListCommandInvocations nor CancelCommand nor S3 for output."""

import contextvars
import json
import os
import re

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import ec2, s3, ssm
from ministack.services.cloudformation import provisioners

from .support import require

NAMES = ("_send_command", "_list_commands", "_shell_argv", "_commands", "_SHELL_DOCUMENTS", "_refresh_command_status",
         "handle_request", "_finish_invocation")
TYPE = "AWS::SSM::Document"
# "ListCommandInvocations" shows so much of each plugin's output.
SHOWN = 2500

printed = contextvars.ContextVar("twin_printed", default=None)

KEPT = os.path.join(os.environ.get("STATE_DIR", "."), "ssm-documents.json")


def documents() -> dict:
    """By account, region and name; in a file, for the stack that made them outlives the emulator."""
    try:
        with open(KEPT) as f:
            return json.load(f)
    except FileNotFoundError:
        return {}


def document_named(name: str):
    return documents().get(key_of(name))


def key_of(name: str) -> str:
    return f"{get_account_id()} {get_region()} {name}"


def change(name: str, document) -> None:
    known = {**documents(), key_of(name): document}
    with open(f"{KEPT}.new", "w") as f:
        json.dump({key: value for key, value in known.items() if value is not None}, f)
    os.replace(f"{KEPT}.new", KEPT)


def apply() -> None:
    for name in NAMES:
        require(hasattr(ssm, name), f"ssm.{name}")
    require(hasattr(provisioners, "_RESOURCE_HANDLERS"), "cloudformation's handlers")
    require(TYPE not in provisioners._RESOURCE_HANDLERS, f"{TYPE} is known by now")
    provisioners._RESOURCE_HANDLERS[TYPE] = {
        "create": lambda logical_id, props, stack: (keep(props.get("Name") or f"{stack}-{logical_id}", props), {}),
        "update": lambda physical_id, old, new, stack: (keep(new.get("Name") or physical_id, new), {}),
        "delete": lambda physical_id, props: change(physical_id, None),
    }
    send, shell_argv, handle, listed = ssm._send_command, ssm._shell_argv, ssm.handle_request, ssm._list_commands

    def send_checked(data):
        name = data.get("DocumentName") or ""
        if name.startswith("AWS-") or not name:
            return send(data)
        document = document_named(name)
        if document is None:
            return error_response_json("InvalidDocument", f"document {name} does not exist", 400)
        wrong = wrong_parameter(document, data.get("Parameters") or {})
        if wrong:
            return error_response_json("InvalidParameters", wrong, 400)
        ssm._SHELL_DOCUMENTS.add(name)
        return send(data)

    def argv_of(data):
        document = document_named(data.get("DocumentName") or "")
        return shell_argv(data) if document is None else run(document, data.get("Parameters") or {})

    def listed_since(data):
        """By DocumentName; what else a search by comment asks for, it checks itself."""
        status, headers, body = listed({**data, "MaxResults": 10_000, "NextToken": ""})
        wanted = {one["key"]: one["value"] for one in data.get("Filters") or []}
        found = json.loads(body)
        name = wanted.get("DocumentName")
        found["Commands"] = [one for one in found["Commands"] if name in (None, one["DocumentName"])]
        return json_response(found) if status == 200 else (status, headers, body)

    async def more_actions(method, path, headers, body, query_params):
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        more = {"ListCommandInvocations": list_invocations, "CancelCommand": cancel}
        if action in more:
            return more[action](json.loads(body) if body else {})
        return await handle(method, path, headers, body, query_params)

    ssm._send_command, ssm._shell_argv, ssm._list_commands = send_checked, argv_of, listed_since
    ssm.handle_request = more_actions
    require(hasattr(ec2, "exec_in_instance_blocking"), "ec2.exec_in_instance_blocking")
    require(hasattr(s3, "_put_object"), "s3._put_object")
    execute, finish = ec2.exec_in_instance_blocking, ssm._finish_invocation

    def execute_and_remember(instance_id, argv, *more, **named):
        answer = execute(instance_id, argv, *more, **named)
        printed.set(answer)
        return answer

    def finish_and_keep(command_id, instance_id, argv):
        record = ssm._commands.get(command_id) or {}
        finish(command_id, instance_id, argv)
        keep_output(record, instance_id)

    ec2.exec_in_instance_blocking, ssm._finish_invocation = execute_and_remember, finish_and_keep


def keep_output(record: dict, instance_id: str) -> None:
    bucket, prefix = record.get("OutputS3BucketName"), record.get("OutputS3KeyPrefix")
    if not bucket or printed.get() is None:
        return
    folder = "/".join(part for part in (prefix, record["CommandId"], instance_id, "awsrunShellScript", "0.host") if part)
    _, stdout, stderr = printed.get()
    for name, text in (("stdout", stdout), ("stderr", stderr)):
        if text:
            s3._put_object(bucket, f"{folder}/{name}", text.encode(), {})


def keep(name: str, props: dict) -> str:
    content = props["Content"]
    change(name, json.loads(content) if isinstance(content, str) else content)
    return name


def wrong_parameter(document: dict, given: dict) -> str:
    declared = document.get("parameters") or {}
    for name in given:
        if name not in declared:
            return f"Parameter {name} is not in the document"
    for name, rules in declared.items():
        values = given.get(name) or ([rules["default"]] if "default" in rules else [])
        if len(values) != 1:
            return f"Parameter {name} must have one value"
        if "allowedPattern" in rules and not re.search(rules["allowedPattern"], values[0]):
            return f"Parameter {name} does not match {rules['allowedPattern']}"
    return ""


def run(document: dict, given: dict) -> list:
    steps = [step for step in document["mainSteps"] if step["action"] == "aws:runShellScript"]
    script = "\n".join(line for step in steps for line in step["inputs"]["runCommand"])
    variables = []
    for name, rules in (document.get("parameters") or {}).items():
        value = (given.get(name) or [rules.get("default", "")])[0]
        if rules.get("interpolationType") == "ENV_VAR":
            variables.append(f"SSM_{name}={value}")
        else:
            script = re.sub(r"\{\{\s*" + re.escape(name) + r"\s*\}\}", lambda _: value, script)
    return ["/usr/bin/env", *variables, "/bin/sh", "-c", script]


def list_invocations(data):
    asked, host = data.get("CommandId"), data.get("InstanceId")
    found = [
        (command, one)
        for command in ssm._commands.values()
        if asked in (None, command["CommandId"])
        for one in command["Invocations"].values()
        if host in (None, one["InstanceId"])
    ]
    start, size = int(data.get("NextToken") or 0), int(data.get("MaxResults") or 50)
    page = [shown(command, one, data.get("Details")) for command, one in found[start:start + size]]
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return json_response({"CommandInvocations": page, **more})


def shown(command: dict, one: dict, details) -> dict:
    told = {key: one[key] for key in ("CommandId", "InstanceId", "Comment", "DocumentName", "Status", "StatusDetails")}
    told["RequestedDateTime"] = command["RequestedDateTime"]
    if details:
        output = one["StandardOutputContent"]
        told["CommandPlugins"] = [{
            "Name": one["PluginName"],
            "Status": one["Status"],
            "StatusDetails": one["StatusDetails"],
            "ResponseCode": one["ResponseCode"],
            "Output": output[:SHOWN],
        }]
    return told


def cancel(data):
    """Only what has not begun is stopped here; a script that runs goes on, as on a host whose agent does not hear."""
    command = ssm._commands.get(data.get("CommandId"))
    if command is None:
        return error_response_json("InvalidCommandId", "the command does not exist", 400)
    for one in command["Invocations"].values():
        if one["Status"] == "Pending":
            one["Status"] = one["StatusDetails"] = "Cancelled"
    ssm._refresh_command_status(command)
    return json_response({})
