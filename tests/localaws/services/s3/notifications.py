"""The events that S3 sends to EventBridge."""

from __future__ import annotations

import copy
import itertools
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.events.models import events_backends
from moto.s3 import notifications
from moto.s3.notifications import S3NotificationEvent
from moto.s3.responses import S3Response

from localaws.account.calls import CURRENT_CALL
from localaws.account.patches import patch

if TYPE_CHECKING:
    from localaws.account.calls import Call

# S3 User Guide, "EventBridge event message structure".
_REASONS = {
    S3NotificationEvent.OBJECT_CREATED_PUT_EVENT: ("Object Created", "PutObject"),
    S3NotificationEvent.OBJECT_CREATED_POST_EVENT: ("Object Created", "POST Object"),
    S3NotificationEvent.OBJECT_CREATED_COPY_EVENT: ("Object Created", "CopyObject"),
    S3NotificationEvent.OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD_EVENT: ("Object Created", "CompleteMultipartUpload"),
    S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT: ("Object Deleted", "DeleteObject"),
    S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT: ("Object Deleted", "DeleteObject"),
    S3NotificationEvent.OBJECT_RESTORE_POST_EVENT: ("Object Restore Initiated", ""),
}
_DELETIONS = {
    S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT: "Permanently Deleted",
    S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT: "Delete Marker Created",
}
_sequence = itertools.count(time.time_ns())


_moto_get_bucket_notification = S3Response.get_bucket_notification
_moto_send_event = notifications.send_event


@patch(
    S3Response,
    "get_bucket_notification",
    fault="EventBridge is left out, so that Terraform plans it anew each time",
    gaps=("s3/leaves_event_bridge_out",),
)
def _get_bucket_notification(self: S3Response) -> Any:
    configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
    if configuration is None or configuration.event_bridge is None:
        return _moto_get_bucket_notification(self)

    response: Any = copy.copy(self)
    response.serialized = lambda answer: self.serialized(
        ActionResult({**answer.result, "EventBridgeConfiguration": {}})
    )
    return _moto_get_bucket_notification(response)


@patch(
    notifications,
    "send_event",
    fault="a multipart upload is announced twice",
    gaps=("s3/announces_a_multipart_upload_twice",),
)
def _send_event(account_id: str, event_name: S3NotificationEvent, bucket: Any, key: Any) -> None:
    # moto announces a multipart upload as a put as well.
    if event_name == S3NotificationEvent.OBJECT_CREATED_PUT_EVENT and key.multipart is not None:
        return
    _moto_send_event(account_id, event_name, bucket, key)


@patch(
    notifications,
    "_send_event_bridge_message",
    fault="every event has the same id and sequencer, `version-id` without versions, no `etag`, and another reason",
    gaps=("s3/writes_other_events_than_s3",),
)
def _send_to_event_bridge(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
    if event_name not in _REASONS:
        return
    event = object_event(account_id, bucket, S3NotificationEvent(event_name), key, CURRENT_CALL.get())
    threading.Thread(target=_deliver, args=(event,), name="localaws-s3-event", daemon=True).start()


def object_event(
    account_id: str, bucket: Any, event_name: S3NotificationEvent, key: Any, call: Call | None
) -> dict[str, Any]:
    """The event that S3 sends to EventBridge for an object."""
    detail_type, reason = _REASONS[event_name]
    described: dict[str, Any] = {"key": key.name}
    if detail_type != "Object Deleted":
        described |= {"size": key.size, "etag": key.etag.strip('"')}
    if bucket.is_versioned:
        described["version-id"] = key.version_id
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": described,
        "request-id": uuid.uuid4().hex[:16].upper(),
        "requester": account_id,
        "source-ip-address": call.source_ip if call else "127.0.0.1",
    }
    if reason:
        described["sequencer"] = f"{next(_sequence):018X}"
        detail["reason"] = reason
    else:
        detail["source-storage-class"] = key.storage_class
    if event_name in _DELETIONS:
        detail["deletion-type"] = _DELETIONS[event_name]
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": "aws.s3",
        "account": account_id,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": detail,
    }


def _deliver(event: dict[str, Any]) -> None:
    backend = events_backends[event["account"]][event["region"]]
    # Events of AWS's services come on the default bus only.
    for rule in list(backend.event_buses["default"].rules.values()):
        rule.send_to_targets(event)  # type: ignore[arg-type]
