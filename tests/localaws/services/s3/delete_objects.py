"""S3's DeleteObjects, whose keys are allowed and refused one by one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from moto.s3.models import s3_backends
from werkzeug.wrappers import Response

from localaws.access import iam
from localaws.access.permissions import required
from localaws.account.current import Denied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from localaws.account.calls import Call
    from localaws.account.faults import WSGIApplication


def delete_objects(
    call: Call, caller: iam.Caller, denied: list[Denied], application: WSGIApplication
) -> WSGIApplication:
    """Serve a DeleteObjects whose keys are allowed and refused one by one, as S3 does."""
    allowed: list[dict[str, Any]] = []
    errors = ""
    for entry, need in zip(call.parameters["Delete"]["Objects"], required(call, caller.principal.account), strict=True):
        decision = iam.decide(call, caller, need)
        if not decision.allowed:
            denied.append(Denied(caller.arn, need.action, need.resource))
            message = iam.access_denied("s3", caller.principal, need, decision).message
            errors += _error(entry, "AccessDenied", message)
        elif _has_no_versions(call.parameters["Bucket"]) and entry.get("VersionId", "null") != "null":
            errors += _error(entry, "NoSuchVersion", "The specified version does not exist.")
        else:
            allowed.append(entry)
    if not errors:
        return application

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = "<DeleteResult></DeleteResult>"
        if allowed:
            _replace_body(environ, allowed, quiet=call.parameters["Delete"].get("Quiet", False))
            answer = Response.from_app(application, environ).get_data(as_text=True)
        body = answer.replace("</DeleteResult>", errors + "</DeleteResult>")
        return Response(body, 200, content_type="application/xml")(environ, start_response)

    return serve


def _error(entry: dict[str, Any], code: str, message: str) -> str:
    version = f"<VersionId>{escape(entry['VersionId'])}</VersionId>" if "VersionId" in entry else ""
    return (
        f"<Error><Key>{escape(entry['Key'])}</Key>{version}"
        f"<Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    )


def _has_no_versions(bucket: str) -> bool:
    if bucket not in s3_backends.bucket_accounts:
        return False
    partition, account = s3_backends.bucket_accounts[bucket]
    return s3_backends[account][partition].get_bucket(bucket).versioning_status is None


def _replace_body(environ: dict[str, Any], entries: list[dict[str, Any]], *, quiet: bool) -> None:
    objects = "".join(
        f"<Object><Key>{escape(entry['Key'])}</Key>"
        + (f"<VersionId>{entry['VersionId']}</VersionId>" if "VersionId" in entry else "")
        + "</Object>"
        for entry in entries
    )
    body = f"<Delete>{objects}<Quiet>{str(quiet).lower()}</Quiet></Delete>".encode()
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = io.BytesIO(body)
