# The function that validates and tokenizes one file.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:preprocess.reserved_concurrency sets a limit where the account needs one
  #checkov:skip=CKV_AWS_116:The state machine invokes the function, waits for it and handles its errors; nothing is asynchronous
  #checkov:skip=CKV_AWS_117:vpc puts the function into a VPC where the account needs it
  #checkov:skip=CKV_AWS_272:The package is built where it is applied; who may apply may sign
  function_name = "${var.name}-preprocess"
  description   = "Validates and tokenizes Japanese text for BlazingText."

  architectures                  = [var.architecture]
  handler                        = "preprocess.handler.handler"
  memory_size                    = var.memory_size
  reserved_concurrent_executions = var.reserved_concurrency
  role                           = aws_iam_role.this.arn
  runtime                        = var.runtime
  s3_bucket                      = local.build ? aws_s3_object.package[0].bucket : var.package.bucket
  s3_key                         = local.build ? aws_s3_object.package[0].key : var.package.key
  s3_object_version              = local.build ? null : var.package.object_version
  tags                           = var.tags
  timeout                        = var.timeout

  ephemeral_storage {
    size = var.ephemeral_storage_size
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]

    content {
      security_group_ids = vpc_config.value.security_group_ids
      subnet_ids         = vpc_config.value.subnet_ids
    }
  }

  # In a VPC, Lambda makes its network interfaces with the role's permissions before the function is there.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}-preprocess"
  kms_key_id        = var.kms_key_arns.logs
  retention_in_days = var.log_retention_days
  tags              = var.tags
}
