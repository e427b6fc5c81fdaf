"""S3 as EventBridge and bucket policies see it."""

from __future__ import annotations

from localaws.services.s3 import bucket_policies, notifications, versions

__all__ = ["bucket_policies", "notifications", "versions"]
