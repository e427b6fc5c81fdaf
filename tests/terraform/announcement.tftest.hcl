# What tells of a run that ended badly.

mock_provider "aws" {
  source = "./tests/terraform/mocks"
}

variables {
  dead_letter_queue_arn = "arn:aws:sqs:ap-northeast-1:111122223333:reviews-dead-letters"
  state_machine_arn     = "arn:aws:states:ap-northeast-1:111122223333:stateMachine:reviews"
  topic                 = null
  shared                = { account_id = "111122223333", kms_key_arn = null, name = "reviews", tags = {} }
}

run "own_topic" {
  module {
    source = "./modules/announcement"
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.this.event_pattern).detail == {
      stateMachineArn = ["arn:aws:states:ap-northeast-1:111122223333:stateMachine:reviews"]
      status          = ["ABORTED", "FAILED", "TIMED_OUT"]
    }
    error_message = "Every bad end of a run, and of nothing else."
  }

  assert {
    condition     = aws_sns_topic.this[0].kms_master_key_id == null
    error_message = "With AWS's own key for SNS, neither EventBridge nor an alarm can publish."
  }

  assert {
    condition     = toset([for statement in data.aws_iam_policy_document.topic[0].statement : statement.sid]) == toset(["Alarm", "Announce", "DenyPlainHttp"])
    error_message = "The rule publishes, and so do the account's alarms."
  }

  assert {
    condition     = aws_cloudwatch_event_target.this.dead_letter_config[0].arn == "arn:aws:sqs:ap-northeast-1:111122223333:reviews-dead-letters"
    error_message = "An announcement that can't be delivered is kept."
  }
}

run "key" {
  module {
    source = "./modules/announcement"
  }

  variables {
    shared = { account_id = "111122223333", kms_key_arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1", name = "reviews", tags = {} }
  }

  assert {
    condition     = aws_sns_topic.this[0].kms_master_key_id == "arn:aws:kms:ap-northeast-1:111122223333:key/1"
    error_message = "The key encrypts announcements."
  }
}

run "existing_topic" {
  module {
    source = "./modules/announcement"
  }

  variables {
    topic = { arn = "arn:aws:sns:ap-northeast-1:111122223333:alerts" }
  }

  assert {
    condition     = length(aws_sns_topic.this) == 0 && length(aws_sns_topic_policy.this) == 0 && output.topic_arn == "arn:aws:sns:ap-northeast-1:111122223333:alerts"
    error_message = "The topic is the one asked for, whose policy is its owner's."
  }
}
