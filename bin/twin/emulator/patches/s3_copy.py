"""Server-side copies. AWS asks the source bucket's policy about the caller's own role, fetches from any account's bucket,
heeds If-None-Match, and says the checksum of what it fetched (S3 API reference, "CopyObject" and "UploadPartCopy"; S3 user
guide, "Conditional writes"). The emulator asks about the account alone, looks for the source among the caller's own
buckets, and knows neither condition nor checksum here. So a copy is a write of what was read in its owner's name."""

import re
import xml.etree.ElementTree as ET
from urllib.parse import unquote

from ministack.core import iam_evaluator
from ministack.core.responses import get_region, now_iso, request_scope
from ministack.services import s3

from . import calls
from .support import require

NAMES = ("_copy_source_denied", "_copy_object", "_put_object", "_upload_part_copy", "_upload_part", "_read_body",
         "_bucket_owner_account", "_ensure_bucket", "_bucket_policies", "_check_copy_source_preconditions", "_error", "S3_NS")


def apply() -> None:
    for name in NAMES:
        require(hasattr(s3, name), f"s3.{name}")
    denied, copy_object = s3._copy_source_denied, s3._copy_object

    def denied_to_role(headers, caller, anonymous, internal):
        role = calls.role_of(calls.caller.get())
        bucket, key = source_of(headers)
        if not role or not bucket or not may_read(role, bucket, key):
            return denied(headers, caller, anonymous, internal)
        return None

    def copy_part(bucket_name, dest_key, query_params, headers):
        body, refused = fetched(headers)
        if refused is not None:
            return refused
        return answered("CopyPartResult", s3._upload_part(bucket_name, dest_key, body, query_params, written(headers)))

    def copy_whole(bucket_name, dest_key, headers):
        # With what the source has beside its bytes, the emulator copies as it always did.
        if headers.get("x-amz-metadata-directive") != "REPLACE":
            return copy_object(bucket_name, dest_key, headers)
        body, refused = fetched(headers)
        if refused is not None:
            return refused
        plain = written(headers)
        algorithm = plain.pop("x-amz-checksum-algorithm", None)
        if algorithm:
            plain["x-amz-sdk-checksum-algorithm"] = algorithm
        return answered("CopyObjectResult", s3._put_object(bucket_name, dest_key, body, plain))

    s3._copy_source_denied = denied_to_role
    s3._upload_part_copy = copy_part
    s3._copy_object = copy_whole


def fetched(headers):
    """The source's bytes, or the answer that refuses them."""
    bucket, key = source_of(headers)
    owner = s3._bucket_owner_account(bucket)
    if owner is None:
        return b"", s3._error("NoSuchBucket", "The specified bucket does not exist", 404)
    with request_scope(owner, get_region()):
        found = s3._ensure_bucket(bucket)["objects"].get(key)
        if found is None:
            return b"", s3._error("NoSuchKey", "The specified key does not exist.", 404)
        return s3._read_body(bucket, key, found), s3._check_copy_source_preconditions(headers, found)


def written(headers) -> dict:
    gone = re.compile(r"x-amz-(copy-source|metadata-directive|tagging-directive)", re.IGNORECASE)
    return {name: value for name, value in headers.items() if not gone.match(name)}


def source_of(headers) -> tuple[str, str]:
    bucket, _, key = unquote(headers.get("x-amz-copy-source", "").partition("?")[0]).lstrip("/").partition("/")
    return bucket, key


def may_read(role: str, bucket: str, key: str) -> bool:
    owner, account = s3._bucket_owner_account(bucket), role.split(":")[4]
    if owner is None or owner == account:
        return owner is not None
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)
    context = iam_evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action="s3:GetObject",
        resource_arn=f"arn:aws:s3:::{bucket}/{key}",
        region=get_region(),
        # Loopback stands for TLS here.
        secure_transport=True,
    )
    return bool(policy) and iam_evaluator.evaluate_resource_policy(policy, context).decision == "Allow"


def answered(element: str, answer):
    status, told, _ = answer
    if status != 200:
        return answer
    root = ET.Element(element, xmlns=s3.S3_NS)
    ET.SubElement(root, "ETag").text = told["ETag"]
    ET.SubElement(root, "LastModified").text = now_iso()
    for name, value in told.items():
        algorithm = re.fullmatch(r"x-amz-checksum-(sha\w+|crc\w+)", name)
        if algorithm:
            ET.SubElement(root, f"Checksum{algorithm[1].upper()}").text = value
    return 200, {"Content-Type": "application/xml"}, ET.tostring(root, encoding="utf-8", xml_declaration=True)
