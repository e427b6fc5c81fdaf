# The state machine that takes a file to a model.

locals {
  # From the name: the machine needs the role first.
  machine_arn   = "arn:${var.shared.partition}:states:${var.shared.region}:${var.shared.account_id}:stateMachine:${var.shared.name}"
  execution_arn = replace(local.machine_arn, ":stateMachine:", ":execution:")
}

resource "aws_sfn_state_machine" "this" {
  name       = var.shared.name
  definition = var.definition
  # Step Functions tries the managed rule and the log delivery with the role when it creates the machine, and refuses it
  # where a permission is missing: the role is known once it has its policy.
  role_arn = module.role.arn
  tags     = var.shared.tags
  type     = "STANDARD"

  logging_configuration {
    include_execution_data = true
    level                  = "ALL"
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
  }

  tracing_configuration {
    enabled = true
  }
}

resource "aws_cloudwatch_log_group" "this" {
  # Log groups whose names start so need no entry of their own in the account's resource policy for log delivery, which
  # holds 5,120 characters: https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
  name              = "/aws/vendedlogs/states/${var.shared.name}"
  kms_key_id        = var.shared.kms_key_arn
  retention_in_days = var.shared.log_retention_days
  tags              = var.shared.tags
}
