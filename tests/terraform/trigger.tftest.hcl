# Which objects start a run, and where events go that can't.

mock_provider "aws" {
  source = "./tests/terraform/mocks"
}

variables {
  input             = { bucket = "exports", marker = "_SUCCESS", prefix = "daily/", suffixes = [".csv", ".csv.gz"] }
  state_machine_arn = "arn:aws:states:ap-northeast-1:111122223333:stateMachine:reviews"
  shared = {
    account_id               = "111122223333"
    dns_suffix               = "amazonaws.com"
    kms_key_arn              = null
    log_retention_days       = 30
    name                     = "reviews"
    partition                = "aws"
    permissions_boundary_arn = null
    region                   = "ap-northeast-1"
    tags                     = {}
    vpc                      = null
  }
}

run "below_a_prefix" {
  module {
    source = "./modules/trigger"
  }

  assert {
    condition = { for name, rule in aws_cloudwatch_event_rule.this : rule.name => jsondecode(rule.event_pattern).detail } == {
      "reviews-object-created.csv"             = { bucket = { name = ["exports"] }, object = { key = [{ wildcard = "daily/*.csv" }] } }
      "reviews-object-created.csv-capitals"    = { bucket = { name = ["exports"] }, object = { key = [{ wildcard = "daily/*.CSV" }] } }
      "reviews-object-created.csv.gz"          = { bucket = { name = ["exports"] }, object = { key = [{ wildcard = "daily/*.csv.gz" }] } }
      "reviews-object-created.csv.gz-capitals" = { bucket = { name = ["exports"] }, object = { key = [{ wildcard = "daily/*.CSV.GZ" }] } }
      "reviews-object-created-folder"          = { bucket = { name = ["exports"] }, object = { key = [{ wildcard = "daily/*/_SUCCESS" }, "daily/_SUCCESS"] } }
    }
    error_message = "Both prefix and suffix must match, in a rule a suffix; the marker may close any folder below the prefix, or the prefix itself."
  }

  assert {
    condition     = alltrue([for rule in aws_cloudwatch_event_rule.this : jsondecode(rule.event_pattern).source == ["aws.s3"] && jsondecode(rule.event_pattern).detail-type == ["Object Created"]])
    error_message = "New objects start runs, and nothing else."
  }

  assert {
    condition = length(aws_cloudwatch_event_target.this) == 5 && alltrue([
      for target in aws_cloudwatch_event_target.this :
      target.dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn && target.retry_policy[0].maximum_retry_attempts == 185
    ])
    error_message = "What can't be delivered is tried for a day, and kept."
  }

  assert {
    condition     = data.aws_iam_policy_document.this.statement[0].actions == toset(["states:StartExecution"]) && length(data.aws_iam_policy_document.this.statement) == 1
    error_message = "The rules start executions, and do nothing else."
  }

  assert {
    condition = one([
      for condition in data.aws_iam_policy_document.dead_letters.statement[0].condition : condition.values if condition.variable == "aws:SourceArn"
    ]) == tolist(["arn:aws:events:ap-northeast-1:111122223333:rule/reviews-*"])
    error_message = "Only these rules write dead letters."
  }

  assert {
    condition     = aws_sqs_queue.dead_letters.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.message_retention_seconds == 1209600
    error_message = "Dead letters are encrypted and kept for 14 days."
  }
}

run "anywhere" {
  module {
    source = "./modules/trigger"
  }

  variables {
    input = { bucket = "exports", marker = "_SUCCESS", prefix = "", suffixes = [".csv", ".TSV"] }
  }

  assert {
    condition = { for name, rule in aws_cloudwatch_event_rule.this : rule.name => jsonencode(jsondecode(rule.event_pattern).detail.object.key) } == {
      "reviews-object-created" = jsonencode([
        { suffix = { equals-ignore-case = ".csv" } }, { suffix = { equals-ignore-case = ".tsv" } }, { suffix = "/_SUCCESS" }, "_SUCCESS",
      ])
    }
    error_message = "Without a prefix, one rule without wildcards."
  }
}

run "suffixes_within_each_other" {
  module {
    source = "./modules/trigger"
  }

  variables {
    input = { bucket = "exports", marker = "", prefix = "daily/", suffixes = [".gz", ".CSV.gz", ".csv", ".Csv"] }
  }

  assert {
    condition     = keys(aws_cloudwatch_event_rule.this) == [".csv", ".csv-capitals", ".gz", ".gz-capitals"]
    error_message = "An object that two rules match would start two runs."
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
    condition     = jsonencode(jsondecode(aws_cloudwatch_event_rule.this[""].event_pattern).detail.object.key) == jsonencode([{ suffix = { equals-ignore-case = ".csv" } }])
    error_message = "Without a marker only files start runs."
  }
}

run "folders_only" {
  module {
    source = "./modules/trigger"
  }

  variables {
    input = { bucket = "exports", marker = "_DONE", prefix = "daily/", suffixes = [] }
  }

  assert {
    condition = { for name, rule in aws_cloudwatch_event_rule.this : name => jsonencode(jsondecode(rule.event_pattern).detail.object.key) } == {
      "-folder" = jsonencode([{ wildcard = "daily/*/_DONE" }, "daily/_DONE"])
    }
    error_message = "Part files start nothing; their marker does."
  }
}

run "kms" {
  module {
    source = "./modules/trigger"
  }

  variables {
    shared = {
      account_id               = "111122223333"
      dns_suffix               = "amazonaws.com"
      kms_key_arn              = "arn:aws:kms:ap-northeast-1:111122223333:key/1"
      log_retention_days       = 30
      name                     = "reviews"
      partition                = "aws"
      permissions_boundary_arn = null
      region                   = "ap-northeast-1"
      tags                     = {}
      vpc                      = null
    }
  }

  assert {
    condition     = aws_sqs_queue.dead_letters.kms_master_key_id == "arn:aws:kms:ap-northeast-1:111122223333:key/1"
    error_message = "The key encrypts dead letters."
  }
}
