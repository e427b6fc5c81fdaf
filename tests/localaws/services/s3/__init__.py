"""S3: objects, multipart uploads and their checksums, conditions, and the events and policies of buckets."""

from __future__ import annotations

from localaws.services.s3 import bucket_policies, deletion, multipart, notifications, objects, refusals, versions

__all__ = ["bucket_policies", "deletion", "multipart", "notifications", "objects", "refusals", "versions"]
