# The function that makes one corpus of many files' shards. S3 copies them; little passes through the function.

module "function" {
  source = "../function"

  architecture             = var.architecture
  description              = "Concatenates the shards of a run over many files."
  handler                  = "preprocess.folder.handler.handler"
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  memory_size              = 1769
  name                     = "${var.name}-assemble"
  package                  = var.package
  permissions_boundary_arn = var.permissions_boundary_arn
  policy                   = data.aws_iam_policy_document.this.json
  runtime                  = var.runtime
  tags                     = var.tags
  timeout                  = 900
  vpc                      = var.vpc
}

data "aws_iam_policy_document" "this" {
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
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${var.artifacts_bucket.arn}/runs/*"]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "UseKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}
