"""S3's refusals in its own words, through moto's handlers."""

from __future__ import annotations

from typing import Any

from moto.s3.responses import S3Response

from localaws.account.calls import CURRENT_CALL
from localaws.account.errors import AwsError, render
from localaws.account.patches import patch

_moto_key_response = S3Response.key_response
_moto_bucket_response = S3Response.bucket_response


def _refused(error: AwsError) -> Any:
    call = CURRENT_CALL.get()
    assert call is not None, "only calls are refused"
    response = render(error, call)
    return response.status_code, dict(response.headers), response.get_data()


@patch(
    S3Response,
    "key_response",
    fault="of an error as botocore has it only the message is answered",
    gaps=("s3/answers_messages_for_errors",),
)
def _key_response(self: S3Response, request: Any, full_url: str, headers: Any) -> Any:
    try:
        return _moto_key_response(self, request, full_url, headers)
    except AwsError as error:
        return _refused(error)


@patch(
    S3Response,
    "bucket_response",
    fault="of an error as botocore has it only the message is answered",
    gaps=("s3/answers_messages_for_errors",),
)
def _bucket_response(self: S3Response, request: Any, full_url: str, headers: Any) -> Any:
    try:
        return _moto_bucket_response(self, request, full_url, headers)
    except AwsError as error:
        return _refused(error)
