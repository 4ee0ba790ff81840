"""ECR pushes are events, and docker can reach the registry. On AWS every manifest PUT emits "ECR Image Action"
(docs: ECR "Events and EventBridge"); the emulator emits none. The proxy endpoint it names cannot be resolved on a
laptop: the twin has one loopback port an account in front of it. Tags immutable "with exclusion" are enforced."""

import fnmatch
import json

from ministack.core.responses import get_account_id
from ministack.services import ecr, eventbridge

from .support import control, require, setting


def apply() -> None:
    require(hasattr(ecr, "_v2_put_manifest"), "ecr._v2_put_manifest")
    require(hasattr(ecr, "_get_authorization_token"), "ecr._get_authorization_token")
    ports = json.loads(setting("REGISTRY_PORTS", "{}"))
    put = ecr._v2_put_manifest
    authorize = ecr._get_authorization_token

    def put_and_announce(name, ref, headers, body):
        refusal = refuse_moved_tag(name, ref, body)
        if refusal is not None:
            return refusal
        reply = put(name, ref, headers, body)
        if reply[0] == 201:
            announce(name, ref, headers, dict(reply[1]).get("Docker-Content-Digest"))
        return reply

    def authorization(data):
        status, headers, body = authorize(data)
        port = ports.get(get_account_id())
        if port is None:
            return status, headers, body
        reply = json.loads(body)
        for entry in reply["authorizationData"]:
            entry["proxyEndpoint"] = f"http://127.0.0.1:{port}"
        text = json.dumps(reply)
        return status, {**headers, "Content-Length": str(len(text))} if "Content-Length" in headers else headers, text.encode()

    ecr._v2_put_manifest = put_and_announce
    ecr._get_authorization_token = authorization


def refuse_moved_tag(name, ref, body):
    repository = ecr._repositories.get(name) or {}
    if ref.startswith("sha256:") or repository.get("imageTagMutability") != "IMMUTABLE_WITH_EXCLUSION" or not body:
        return None
    for rule in repository.get("imageTagMutabilityExclusionFilters") or [{"filter": "sha256-*"}]:
        if fnmatch.fnmatch(ref, rule.get("filter", "")):
            return None
    digest = ecr._content_digest(body if isinstance(body, bytes) else body.encode())
    for image in ecr._images.get(name, []):
        if ref in image.get("imageTags", []) and image.get("imageDigest") != digest:
            return ecr._registry_error(400, "TAG_INVALID", f"tag '{ref}' is immutable", {"tag": ref})
    return None


def announce(name, ref, headers, digest) -> None:
    tagged = not ref.startswith("sha256:")
    if tagged and ref in control().get("dropEcrTags", []):
        return
    detail = {
        "action-type": "PUSH",
        "result": "SUCCESS",
        "repository-name": name,
        "image-digest": digest,
        "manifest-media-type": headers.get("content-type", ""),
    }
    if tagged:
        detail["image-tag"] = ref
    event = {
        "Source": "aws.ecr",
        "DetailType": "ECR Image Action",
        "Detail": json.dumps(detail),
        "Resources": [ecr._repo_arn(name)],
    }
    eventbridge._put_events({"Entries": [event]}, allow_aws_source=True)
