output "artifacts_bucket" {
  description = "Name and ARN of the bucket for packages, runs and models; known once it is encrypted and closed."
  value = {
    arn  = aws_s3_bucket.this["artifacts"].arn
    name = aws_s3_bucket.this["artifacts"].bucket
  }

  depends_on = [
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

output "input_bucket" {
  description = "Name and ARN of the bucket that files arrive in."
  value = {
    arn  = "arn:${var.shared.partition}:s3:::${local.input_bucket}"
    name = local.input_bucket
  }
}
