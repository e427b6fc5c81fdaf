# From an object in S3 to an execution of the state machine.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  queue_name = "${var.name}-dead-letters"
  queue_arn  = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:${local.queue_name}"
}

resource "aws_cloudwatch_event_rule" "this" {
  name        = "${var.name}-object-created"
  description = "Starts ${var.name} for each object created in ${var.input.bucket} that matches."
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.input.bucket] }
      # A `prefix` and a `suffix` in one list would match either; a wildcard asks for both.
      object = {
        key = concat(
          [for suffix in var.input.suffixes : { wildcard = "${var.input.prefix}*${suffix}" }],
          var.input.marker == "" ? [] : [{ wildcard = "${var.input.prefix}*/${var.input.marker}" }],
          var.input.marker == "" ? [] : ["${var.input.prefix}${var.input.marker}"],
        )
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "this" {
  rule     = aws_cloudwatch_event_rule.this.name
  arn      = var.state_machine_arn
  role_arn = aws_iam_role.this.arn

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  # An event that arrives before the role may start the machine would go to the dead letters.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-trigger"
  description          = "Lets EventBridge start ${var.name}."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.this.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "start-execution"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "StartExecution"
    actions   = ["states:StartExecution"]
    resources = [var.state_machine_arn]
  }
}

# What EventBridge could not deliver: each message is the whole event, to be started by hand or sent again.
resource "aws_sqs_queue" "dead_letters" {
  name                              = local.queue_name
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : 300
  kms_master_key_id                 = var.kms_key_arn
  message_retention_seconds         = 1209600
  # Here, and not in a resource of its own: the provider waits 25 s for each of them.
  policy                  = data.aws_iam_policy_document.dead_letters.json
  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  tags                    = var.tags
}

data "aws_iam_policy_document" "dead_letters" {
  statement {
    sid       = "OnlyThisRule"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.this.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.queue_arn]

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
}
