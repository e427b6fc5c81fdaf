# Where the data lies: the bucket that files arrive in, and the bucket for everything made from them. They are two,
# since an output that lands in the watched bucket would start the pipeline again.

locals {
  # Bucket names are global: the account and region make them unique, and predictable.
  created = {
    for role in var.existing_input_bucket == null ? ["artifacts", "input"] : ["artifacts"] :
    role => "${var.shared.name}-${role}-${var.shared.account_id}-${var.shared.region}"
  }

  input_bucket = var.existing_input_bucket == null ? aws_s3_bucket.this["input"].bucket : var.existing_input_bucket.name
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logs need a bucket of the account's own; CloudTrail data events serve as well
  #checkov:skip=CKV_AWS_144:Runs and models can be made again from the input, whose replication is its owner's to choose
  #checkov:skip=CKV2_AWS_61:What arrives is its owner's to keep or not; what is made of it has its rules below
  #checkov:skip=CKV2_AWS_62:Nothing listens to the artifacts bucket
  for_each = local.created

  bucket        = each.value
  force_destroy = var.force_destroy
  tags          = var.shared.tags
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.bucket

  rule {
    # A bucket key saves a KMS request per object.
    bucket_key_enabled = var.shared.kms_key_arn != null

    apply_server_side_encryption_by_default {
      kms_master_key_id = var.shared.kms_key_arn
      sse_algorithm     = var.shared.kms_key_arn == null ? "AES256" : "aws:kms"
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  for_each = aws_s3_bucket.this

  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "DenyOtherAccounts"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.shared.account_id]
    }

    # AWS's own services, which have no account, act on a bucket only where another statement lets them.
    condition {
      test     = "BoolIfExists"
      variable = "aws:PrincipalIsAWSService"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.bucket
  policy = data.aws_iam_policy_document.bucket[each.key].json

  # S3 refuses two changes to one bucket's access settings at the same time.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket = aws_s3_bucket.this["artifacts"].bucket

  rule {
    id     = "expire-runs"
    status = "Enabled"

    filter {
      prefix = "runs/"
    }

    dynamic "expiration" {
      for_each = var.runs_expiration_days == null ? [] : [var.runs_expiration_days]

      content {
        days = expiration.value
      }
    }

    # A corpus that is assembled leaves its shards behind as noncurrent versions.
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  # A function that is killed can't abort its upload.
  rule {
    id     = "abort-unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # Rules for noncurrent versions are accepted only once versioning is on.
  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_notification" "input" {
  count = var.manage_notification ? 1 : 0

  bucket      = local.input_bucket
  eventbridge = true
}
