"""STS answers GetCallerIdentity in JSON to who asks for it by `Accept: application/json`, as AWS does (EKS's and
Vault's verification of callers rest on it); the emulator answers XML."""

import json
import re

from ministack.services import sts

from .support import require


def apply() -> None:
    require(hasattr(sts, "handle_request"), "sts.handle_request")
    handle = sts.handle_request

    async def json_where_asked(method, path, headers, body, query_params):
        status, reply_headers, reply = await handle(method, path, headers, body, query_params)
        asked = {name.lower(): value for name, value in headers.items()}.get("accept", "")
        text = reply.decode() if isinstance(reply, bytes) else reply
        if status != 200 or "application/json" not in asked or "<GetCallerIdentityResult>" not in text:
            return status, reply_headers, reply
        found = {name: value for name, value in re.findall(r"<(Arn|UserId|Account)>([^<]*)</", text)}
        answer = {"GetCallerIdentityResponse": {"GetCallerIdentityResult": found, "ResponseMetadata": {}}}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    sts.handle_request = json_where_asked
