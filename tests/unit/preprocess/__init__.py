"""The Lambda's code, with moto's S3."""
