# Which objects start a run, and where events go that can't.

mock_provider "aws" {
  source = "./tests/terraform/mocks"
}

variables {
  input                    = { bucket = "exports", marker = "_SUCCESS", prefix = "daily/", suffixes = [".csv", ".csv.gz"] }
  kms_key_arn              = null
  name                     = "reviews"
  permissions_boundary_arn = null
  state_machine_arn        = "arn:aws:states:ap-northeast-1:111122223333:stateMachine:reviews"
  tags                     = {}
}

run "rule" {
  module {
    source = "./modules/trigger"
  }

  assert {
    condition = jsonencode(jsondecode(aws_cloudwatch_event_rule.this.event_pattern)) == jsonencode({
      source      = ["aws.s3"]
      detail-type = ["Object Created"]
      detail = {
        bucket = { name = ["exports"] }
        object = { key = [{ wildcard = "daily/*.csv" }, { wildcard = "daily/*.csv.gz" }, { wildcard = "daily/*/_SUCCESS" }, "daily/_SUCCESS"] }
      }
    })
    error_message = "Both prefix and suffix must match; the marker may close any folder below the prefix, or the prefix itself."
  }

  assert {
    condition     = aws_cloudwatch_event_target.this.dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn && aws_cloudwatch_event_target.this.retry_policy[0].maximum_retry_attempts == 185
    error_message = "What can't be delivered is tried for a day, and kept."
  }

  assert {
    condition     = data.aws_iam_policy_document.this.statement[0].actions == toset(["states:StartExecution"]) && length(data.aws_iam_policy_document.this.statement) == 1
    error_message = "The rule starts executions, and does nothing else."
  }

  assert {
    condition = anytrue([
      for condition in data.aws_iam_policy_document.dead_letters.statement[0].condition : condition.variable == "aws:SourceArn" && condition.values == tolist([aws_cloudwatch_event_rule.this.arn])
    ])
    error_message = "Only this rule writes dead letters."
  }

  assert {
    condition     = aws_sqs_queue.dead_letters.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.message_retention_seconds == 1209600
    error_message = "Dead letters are encrypted and kept for 14 days."
  }
}

run "files_only" {
  module {
    source = "./modules/trigger"
  }

  variables {
    input = { bucket = "exports", marker = "", prefix = "", suffixes = [".csv"] }
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.this.event_pattern).detail.object.key) == jsonencode([{ wildcard = "*.csv" }])
    error_message = "Without a marker only files start runs."
  }
}

run "folders_only" {
  module {
    source = "./modules/trigger"
  }

  variables {
    input = { bucket = "exports", marker = "_DONE", prefix = "", suffixes = [] }
  }

  assert {
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.this.event_pattern).detail.object.key) == jsonencode([{ wildcard = "*/_DONE" }, "_DONE"])
    error_message = "Part files start nothing; their marker does."
  }
}

run "kms_and_boundary" {
  module {
    source = "./modules/trigger"
  }

  variables {
    kms_key_arn              = "arn:aws:kms:ap-northeast-1:111122223333:key/1234"
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  }

  assert {
    condition     = aws_sqs_queue.dead_letters.kms_master_key_id == "arn:aws:kms:ap-northeast-1:111122223333:key/1234"
    error_message = "The key encrypts dead letters."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    error_message = "The role is bounded."
  }
}
