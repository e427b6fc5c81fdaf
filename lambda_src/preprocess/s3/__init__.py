"""Reading and writing objects on S3."""
