# The state machine that takes a file to a model.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name

  # From the name: the machine needs the role first.
  machine_arn = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${var.name}"
}

resource "aws_sfn_state_machine" "this" {
  name       = var.name
  definition = var.definition
  role_arn   = aws_iam_role.this.arn
  tags       = var.tags
  type       = "STANDARD"

  logging_configuration {
    include_execution_data = true
    level                  = "ALL"
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  # Step Functions tries the managed rule and the log delivery with the role when it creates the machine, and refuses it
  # where a permission is missing.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  # Log groups whose names start so need no entry of their own in the account's resource policy for log delivery, which
  # holds 5,120 characters: https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
  name              = "/aws/vendedlogs/states/${var.name}"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
  tags              = var.tags
}
