"""Who called what. On AWS every call is a role's, and CloudTrail tells which actions a role really used; in the emulator
every function is its account's root. Here each has a session of its own role, and what roles call is kept by role,
action and resource: GET /_twin/calls. It keeps the actions that IAM checks, which are not always the operation's name."""

import base64
import collections
import contextvars
import json
import re

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import ecr, lambda_svc, sts

from .support import require

caller = contextvars.ContextVar("twin_caller", default="")
calls = collections.Counter()

# What ECR asks for the registry's own API (ECR guide, "Private repository policies" and "Pushing an image").
REGISTRY = (
    ("GET", r"manifests/", "BatchGetImage"),
    ("HEAD", r"manifests/", "BatchGetImage"),
    ("PUT", r"manifests/", "PutImage"),
    ("HEAD", r"blobs/sha256:", "BatchCheckLayerAvailability"),
    ("GET", r"blobs/sha256:", "GetDownloadUrlForLayer"),
    ("POST", r"blobs/uploads", "InitiateLayerUpload"),
    ("PATCH", r"blobs/uploads", "UploadLayerPart"),
    # The client here sends a layer with the PUT that closes it: its one part.
    ("PUT", r"blobs/uploads", "UploadLayerPart"),
    ("PUT", r"blobs/uploads", "CompleteLayerUpload"),
)


def apply() -> None:
    require(hasattr(app, "_dispatch_service_request"), "app._dispatch_service_request")
    require(hasattr(app, "_handle_ecr_registry_request"), "app._handle_ecr_registry_request")
    require(hasattr(iam_evaluator, "resolve_caller_identity"), "iam_evaluator.resolve_caller_identity")
    for name in ("extract_iam_action", "extract_resource_arn", "dynamodb_transaction_checks"):
        require(hasattr(iam_actions, name), f"iam_actions.{name}")
    for module in (lambda_runtime, lambda_svc):
        require(hasattr(module, "execution_credentials"), f"{module.__name__}.execution_credentials")
        module.execution_credentials = role_session
    dispatch = app._dispatch_service_request
    registry = app._handle_ecr_registry_request
    authorize = ecr._get_authorization_token

    async def dispatch_and_note(method, path, headers, body, query_params, request_id):
        if path == "/_twin/calls":
            return 200, {"Content-Type": "application/json"}, told()
        key = app.extract_access_key_id(headers, query_params)
        caller.set(key)
        if role_of(key):
            note_call(key, method, path, headers, body, query_params)
        return await dispatch(method, path, headers, body, query_params, request_id)

    async def registry_and_note(method, path, headers, body, query_params):
        key = from_login(headers)
        found = re.match(r"/v2/(.+?)/((?:manifests|blobs)/.*)", path)
        if role_of(key) and found:
            name, rest = found.groups()
            actions = [action for verb, like, action in REGISTRY if verb == method and re.match(like, rest)]
            for action in actions or [f"{method} {rest}"]:
                note(key, f"ecr:{action}", f"arn:aws:ecr:{get_region()}:{account_of(key)}:repository/{name}")
        return await registry(method, path, headers, body, query_params)

    def login_that_names_its_caller(data):
        status, headers, body = authorize(data)
        reply = json.loads(body)
        for entry in reply["authorizationData"]:
            entry["authorizationToken"] = base64.b64encode(f"AWS:twin.{caller.get()}".encode()).decode()
        text = json.dumps(reply).encode()
        return status, {**headers, **({"Content-Length": str(len(text))} if "Content-Length" in headers else {})}, text

    app._dispatch_service_request = dispatch_and_note
    app._handle_ecr_registry_request = registry_and_note
    ecr._get_authorization_token = login_that_names_its_caller


def role_session(config: dict) -> dict[str, str]:
    """The credentials that a function's process gets: a session of the function's role, named after the function."""
    account, role, name = config["FunctionArn"].split(":")[4], config["Role"].rsplit("/", 1)[-1], config["FunctionName"]
    session = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        "UserId": f"{role}:{name}",
        "SecretAccessKey": "twin",
        "SessionToken": f"twin-{name}",
    }
    key = "ASIA" + base64.b32encode(f"{account}{role}".encode()).decode().rstrip("=")[-60:]
    sts.register_session(key, session)
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "twin", "AWS_SESSION_TOKEN": session["SessionToken"]}


def note_call(key, method, path, headers, body, query_params) -> None:
    params = app._routing_params(method, path, headers, body, query_params)
    service = app.detect_service(method, path, headers, params)
    region, account = get_region(), get_account_id()
    action = iam_actions.extract_iam_action(service, method, path, headers, body, params)
    if action is None:
        return note(key, f"{service}:? {method} {path}", "*")
    resource = resource_of(action, body, params) or iam_actions.extract_resource_arn(
        service, method, path, headers, body, params, region, account
    )
    items = iam_actions.dynamodb_transaction_checks(action, body, region, account)
    for item_action, table in items or [(action, resource)]:
        note(key, item_action + context_of(item_action, body), table)
    if action == "scheduler:CreateSchedule":
        note(key, "iam:PassRole", json.loads(body)["Target"]["RoleArn"])
    if action == "ssm:SendCommand":
        # Both are checked: the document, and each instance it is sent to.
        for instance in json.loads(body)["InstanceIds"]:
            note(key, action, f"arn:aws:ec2:{region}:{account}:instance/{instance}")


def resource_of(action: str, body, params) -> str:
    """Where the emulator's own answer is too wide or wrong."""
    place, sent = f"{get_region()}:{get_account_id()}", json.loads(body) if body[:1] == b"{" else {}
    if action == "ssm:GetParametersByPath":
        return f"arn:aws:ssm:{place}:parameter{sent['Path']}"
    if action == "ssm:SendCommand":
        return f"arn:aws:ssm:{place}:document/{sent['DocumentName']}"
    if action in ("scheduler:CreateSchedule", "scheduler:DeleteSchedule"):
        group = sent.get("GroupName") or params.get("groupName", ["default"])[0]
        return f"arn:aws:scheduler:{place}:schedule/{group}/p_*"
    return ""


def context_of(action: str, body) -> str:
    """KMS's use is told apart by what the ciphertext is bound to."""
    if not action.startswith("kms:"):
        return ""
    keys = sorted(json.loads(body or b"{}").get("EncryptionContext") or {})
    return f" ({', '.join(keys)})"


def note(key: str, action: str, resource: str) -> None:
    calls[(role_of(key), action, re.sub(r"p_[0-9A-Z]{26}(-\d+)?", "p_*", resource))] += 1


def role_of(key: str) -> str:
    found = re.match(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/", str((sts._sessions.get(key) or {}).get("Arn", "")))
    return f"arn:aws:iam::{found[1]}:role/{found[2]}" if found else ""


def account_of(key: str) -> str:
    return role_of(key).split(":")[4]


def from_login(headers: dict) -> str:
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    return base64.b64decode(value).decode(errors="replace").partition(":twin.")[2]


def told() -> bytes:
    return json.dumps(
        [{"role": role, "action": action, "resource": resource, "times": times}
         for (role, action, resource), times in sorted(calls.items())]
    ).encode()
