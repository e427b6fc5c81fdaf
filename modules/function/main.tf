# A function that the state machine invokes, with its role and its log group.

locals {
  name = "${var.shared.name}-${var.name}"
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:preprocess.reserved_concurrency sets a limit where the account needs one
  #checkov:skip=CKV_AWS_116:The state machine invokes the function, waits for it and handles its errors; nothing is asynchronous
  #checkov:skip=CKV_AWS_117:vpc puts the function into a VPC where the account needs it
  #checkov:skip=CKV_AWS_272:The package is built where it is applied; who may apply may sign
  function_name = local.name
  description   = var.description

  architectures                  = [var.settings.architecture]
  handler                        = var.handler
  memory_size                    = var.settings.memory_size
  reserved_concurrent_executions = var.settings.reserved_concurrency
  role                           = module.role.arn
  runtime                        = var.settings.runtime
  s3_bucket                      = var.package.bucket
  s3_key                         = var.package.key
  s3_object_version              = var.package.object_version
  source_code_hash               = var.package.source_code_hash
  tags                           = var.shared.tags
  timeout                        = var.settings.timeout

  ephemeral_storage {
    size = var.settings.ephemeral_storage_size
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "vpc_config" {
    for_each = var.shared.vpc == null ? [] : [var.shared.vpc]

    content {
      security_group_ids = vpc_config.value.security_group_ids
      subnet_ids         = vpc_config.value.subnet_ids
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.name}"
  kms_key_id        = var.shared.kms_key_arn
  retention_in_days = var.shared.log_retention_days
  tags              = var.shared.tags
}

module "role" {
  source = "../role"

  description = "Role of the function ${local.name}."
  name        = var.name
  policy      = data.aws_iam_policy_document.this.json
  service     = "lambda.amazonaws.com"
  shared      = var.shared
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = [var.policy]

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  # X-Ray has no resource-level permissions.
  statement {
    sid       = "Trace"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }

  # Network interfaces have no ARN before they are made; Lambda asks for these on every resource.
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
  dynamic "statement" {
    for_each = var.shared.vpc == null ? [] : [var.shared.vpc]

    content {
      sid = "ConnectToVpc"
      actions = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
      ]
      resources = ["*"]
    }
  }
}
