# Whatever ends a run badly is announced, and once: not by the state machine, which can't tell of its own time-out or
# abortion, nor of an expression that failed in a state that catches nothing, but by Step Functions, which tells of all.
# https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html

locals {
  topic_arn = var.topic == null ? aws_sns_topic.this[0].arn : var.topic.arn
}

resource "aws_cloudwatch_event_rule" "this" {
  name        = "${var.shared.name}-run-failed"
  description = "Announces each run of ${var.shared.name} that ends badly."
  tags        = var.shared.tags

  # The children of a Distributed Map have the ARN of the map's label: their failures are the run's to tell.
  event_pattern = jsonencode({
    source      = ["aws.states"]
    detail-type = ["Step Functions Execution Status Change"]
    detail      = { stateMachineArn = [var.state_machine_arn], status = ["ABORTED", "FAILED", "TIMED_OUT"] }
  })
}

resource "aws_cloudwatch_event_target" "this" {
  rule = aws_cloudwatch_event_rule.this.name
  arn  = local.topic_arn
  # The execution as DescribeExecution tells it. A template would be no JSON any more where an error or a cause is missing.
  input_path = "$.detail"

  dead_letter_config {
    arn = var.dead_letter_queue_arn
  }
}

resource "aws_sns_topic" "this" {
  #checkov:skip=CKV_AWS_26:Neither EventBridge nor alarms can publish to a topic with AWS's own key; kms_key_arn brings one that lets them
  count = var.topic == null ? 1 : 0

  name              = "${var.shared.name}-failures"
  kms_master_key_id = var.shared.kms_key_arn
  tags              = var.shared.tags
}

resource "aws_sns_topic_policy" "this" {
  count = var.topic == null ? 1 : 0

  arn    = aws_sns_topic.this[0].arn
  policy = data.aws_iam_policy_document.topic[0].json
}

data "aws_iam_policy_document" "topic" {
  count = var.topic == null ? 1 : 0

  statement {
    sid       = "Announce"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.this.arn]
    }
  }

  statement {
    sid       = "Alarm"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this[0].arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
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
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this[0].arn]

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
