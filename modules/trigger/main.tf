# From an object in S3 to an execution of the state machine.

locals {
  rule_name = "${var.shared.name}-object-created"
  rule_arns = "arn:${var.shared.partition}:events:${var.shared.region}:${var.shared.account_id}:rule/${var.shared.name}-*"

  queue_name = "${var.shared.name}-dead-letters"
  queue_arn  = "arn:${var.shared.partition}:sqs:${var.shared.region}:${var.shared.account_id}:${local.queue_name}"
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.patterns

  name        = "${local.rule_name}${each.key}"
  description = "Starts ${var.shared.name} for each object created in ${var.input.bucket} that matches."
  tags        = var.shared.tags

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail      = { bucket = { name = [var.input.bucket] }, object = { key = jsondecode(each.value) } }
  })
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = aws_cloudwatch_event_rule.this

  rule = each.value.name
  arn  = var.state_machine_arn
  # Known once it may start the machine: an event that arrives before would go to the dead letters.
  role_arn = module.role.arn

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

module "role" {
  source = "../role"

  description = "Lets EventBridge start ${var.shared.name}."
  name        = "trigger"
  policy      = data.aws_iam_policy_document.this.json
  service     = "events.amazonaws.com"
  shared      = var.shared
  source_arns = [local.rule_arns]
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "StartExecution"
    actions   = ["states:StartExecution"]
    resources = [var.state_machine_arn]
  }
}

# What EventBridge could not deliver, to the state machine or to a topic: each message is the whole event, to be started
# by hand or sent again.
resource "aws_sqs_queue" "dead_letters" {
  name                              = local.queue_name
  kms_data_key_reuse_period_seconds = var.shared.kms_key_arn == null ? null : 300
  kms_master_key_id                 = var.shared.kms_key_arn
  message_retention_seconds         = 1209600
  # Here, and not in a resource of its own: the provider waits 25 s for each of them.
  policy                  = data.aws_iam_policy_document.dead_letters.json
  sqs_managed_sse_enabled = var.shared.kms_key_arn == null ? true : null
  tags                    = var.shared.tags
}

data "aws_iam_policy_document" "dead_letters" {
  statement {
    sid       = "OnlyTheseRules"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.rule_arns]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.shared.account_id]
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
