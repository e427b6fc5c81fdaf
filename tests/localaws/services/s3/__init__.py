"""S3 as EventBridge and bucket policies see it."""
