"""An AWS error and its form in each of AWS's protocols."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from localaws.account.calls import Call


class AwsError(ClientError):  # type: ignore[misc]
    """What a service answers when it refuses a call; as a botocore error where no HTTP lies between.

    Parameters
    ----------
    code
        The error's name as the service spells it, ``ThrottlingException``.
    message
        The service's message.
    status
        HTTP status.
    operation
        The operation that failed, for the exception's text.
    """

    def __init__(self, code: str, message: str, status: int = 400, operation: str = "") -> None:
        error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
        super().__init__(error, operation)
        self.code = code
        self.message = message
        self.status = status


def render(error: AwsError, call: Call) -> Response:
    """Answer ``call`` with ``error`` in the protocol the call was made in."""
    request_id = str(uuid.uuid4())
    protocol = str(call.model.service_model.protocol)
    if call.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        protocol = "query"
    fault = "Sender" if error.status < 500 else "Receiver"
    code, message = escape(error.code), escape(error.message)
    if protocol == "rest-xml":
        # A HEAD answer has no body: SDKs see the status alone, as on AWS.
        xml = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
        return Response(
            "" if call.method == "HEAD" else '<?xml version="1.0" encoding="UTF-8"?>\n' + xml,
            error.status,
            {"x-amz-request-id": request_id},
            content_type="application/xml",
        )
    if protocol in ("query", "ec2"):
        xml = (
            f"<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return Response(xml, error.status, {"x-amzn-RequestId": request_id}, content_type="text/xml")
    headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": error.code}
    if "awsQueryCompatible" in call.model.service_model.metadata:
        headers["x-amzn-query-error"] = f"{error.code};{fault}"
    body = json.dumps({"__type": error.code, "message": error.message}, ensure_ascii=False)
    return Response(body, error.status, headers, content_type="application/x-amz-json-1.1")
