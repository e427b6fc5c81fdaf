"""Reading and writing S3 where it fails."""
