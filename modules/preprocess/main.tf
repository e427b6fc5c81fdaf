# The function that validates and tokenizes one file.

module "function" {
  source = "../function"

  architecture             = var.architecture
  description              = "Validates and tokenizes Japanese text for BlazingText."
  ephemeral_storage_size   = var.ephemeral_storage_size
  handler                  = "preprocess.handler.handler"
  kms_key_arn              = var.kms_key_arns.logs
  log_retention_days       = var.log_retention_days
  memory_size              = var.memory_size
  name                     = "${var.name}-preprocess"
  package                  = local.package
  permissions_boundary_arn = var.permissions_boundary_arn
  policy                   = data.aws_iam_policy_document.this.json
  reserved_concurrency     = var.reserved_concurrency
  runtime                  = var.runtime
  tags                     = var.tags
  timeout                  = var.timeout
  vpc                      = var.vpc
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ReadInput"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${var.input.bucket_arn}/${var.input.prefix}*"]
  }

  # Without it, S3 answers AccessDenied for an object that is not there.
  statement {
    sid       = "TellMissingFromForbidden"
    actions   = ["s3:ListBucket"]
    resources = [var.input.bucket_arn]
  }

  # DeleteObject: what a run has written before it fails is taken back.
  statement {
    sid       = "WriteRuns"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]
    resources = ["${var.artifacts_bucket.arn}/runs/*"]
  }

  dynamic "statement" {
    for_each = length(var.kms_key_arns.read) == 0 ? [] : [var.kms_key_arns.read]

    content {
      sid       = "Decrypt"
      actions   = ["kms:Decrypt"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arns.write == null ? [] : [var.kms_key_arns.write]

    content {
      sid       = "Encrypt"
      actions   = ["kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}
