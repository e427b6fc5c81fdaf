# What the state machine may do: invoke, train, log, trace.

module "role" {
  source = "../role"

  description = "Lets the state machine ${var.shared.name} invoke its functions and train."
  name        = "workflow"
  policy      = data.aws_iam_policy_document.this.json
  service     = "states.amazonaws.com"
  shared      = var.shared
  # What the children of a Distributed Map name as their source is not documented: `machine/label` is inferred from the
  # ARN of their state machine.
  source_arns = [local.machine_arn, "${local.machine_arn}/*"]
}

data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_356:AWS's policy for .sync names every resource for sagemaker:ListTags, log deliveries and X-Ray have none

  statement {
    sid       = "Invoke"
    actions   = ["lambda:InvokeFunction"]
    resources = var.function_arns
  }

  # A Distributed Map lists the files, starts an execution of this machine for each, and writes down what became of them.
  # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
  statement {
    sid       = "ListFiles"
    actions   = ["s3:ListBucket"]
    resources = [var.input.bucket_arn]

    # Without a prefix there is nothing to hold the condition against: a request may then leave it out.
    dynamic "condition" {
      for_each = var.input.prefix == "" ? [] : [var.input.prefix]

      content {
        test     = "StringLike"
        variable = "s3:prefix"
        values   = ["${condition.value}*"]
      }
    }
  }

  statement {
    sid       = "StartFiles"
    actions   = ["states:StartExecution"]
    resources = [local.machine_arn]
  }

  # Children are executions of `machine/label`; the page above names `machine:*`.
  statement {
    sid       = "FollowFiles"
    actions   = ["states:DescribeExecution", "states:StopExecution"]
    resources = ["${local.execution_arn}/*", "${local.execution_arn}:*"]
  }

  # Large results are written in parts.
  statement {
    sid       = "WriteResults"
    actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = ["${var.artifacts_bucket.arn}/runs/*"]
  }

  # AddTags: Step Functions tags each job it starts, with MANAGED_BY_AWS and the tags of the definition.
  statement {
    sid       = "Train"
    actions   = ["sagemaker:AddTags", "sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"]
    resources = ["arn:${var.shared.partition}:sagemaker:${var.shared.region}:${var.shared.account_id}:training-job/${var.shared.name}-*"]
  }

  # https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html names `*`.
  statement {
    sid       = "ListTags"
    actions   = ["sagemaker:ListTags"]
    resources = ["*"]
  }

  statement {
    sid       = "PassTrainingRole"
    actions   = ["iam:PassRole"]
    resources = [var.training_role_arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["sagemaker.amazonaws.com"]
    }
  }

  # `.sync` waits for the job through a rule that Step Functions manages in this account.
  # https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
  statement {
    sid       = "WaitForTraining"
    actions   = ["events:DescribeRule", "events:PutRule", "events:PutTargets"]
    resources = ["arn:${var.shared.partition}:events:${var.shared.region}:${var.shared.account_id}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"]
  }

  dynamic "statement" {
    for_each = var.shared.kms_key_arn == null ? [] : [var.shared.kms_key_arn]

    content {
      sid       = "Encrypt"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }

  # Log deliveries have no resource-level permissions.
  # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
  statement {
    sid = "DeliverLogs"
    actions = [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ]
    resources = ["*"]
  }

  # Neither has X-Ray. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html#xray-iam
  statement {
    sid = "Trace"
    actions = [
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]
    resources = ["*"]
  }
}
