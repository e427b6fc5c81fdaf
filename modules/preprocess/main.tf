# The functions: one validates and tokenizes a file, the other makes one corpus of a folder's.

locals {
  runtime = { architecture = var.settings.architecture, runtime = var.settings.runtime }
}

module "preprocess" {
  source = "../function"

  description = "Validates and tokenizes Japanese text for BlazingText."
  handler     = "preprocess.handler.handler"
  name        = "preprocess"
  package     = local.package
  policy      = data.aws_iam_policy_document.preprocess.json
  settings    = var.settings
  shared      = var.shared
}

module "assemble" {
  source = "../function"

  description = "Makes one corpus of the shards of a folder's files."
  handler     = "preprocess.folder.handler.handler"
  name        = "assemble"
  package     = local.package
  policy      = data.aws_iam_policy_document.assemble.json
  # S3 copies the shards, and little passes through the function: one vCPU.
  settings = merge(local.runtime, { memory_size = 1769, timeout = 900 })
  shared   = var.shared
}

data "aws_iam_policy_document" "preprocess" {
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

  # DeleteObjectVersion: what a run has written before it fails is taken back, and nothing that another try has.
  statement {
    sid       = "WriteRuns"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObjectVersion", "s3:PutObject"]
    resources = ["${var.artifacts_bucket.arn}/runs/*"]
  }

  dynamic "statement" {
    for_each = length(local.input_keys) == 0 ? [] : [local.input_keys]

    content {
      sid       = "Decrypt"
      actions   = ["kms:Decrypt"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = var.shared.kms_key_arn == null ? [] : [var.shared.kms_key_arn]

    content {
      sid       = "Encrypt"
      actions   = ["kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "assemble" {
  statement {
    sid       = "ListShards"
    actions   = ["s3:ListBucket"]
    resources = [var.artifacts_bucket.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["runs/*"]
    }
  }

  statement {
    sid       = "AssembleRuns"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"]
    resources = ["${var.artifacts_bucket.arn}/runs/*"]
  }

  dynamic "statement" {
    for_each = var.shared.kms_key_arn == null ? [] : [var.shared.kms_key_arn]

    content {
      sid       = "UseKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

locals {
  # An uploaded part is decrypted too, so the run's own key is among them.
  input_keys = compact([var.shared.kms_key_arn, var.input.kms_key_arn])
}
