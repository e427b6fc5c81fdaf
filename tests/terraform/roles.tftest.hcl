# Roles: what each may do comes and goes with what is asked for.

mock_provider "aws" {
  source = "./tests/terraform/mocks"
}

variables {
  artifacts_bucket = { arn = "arn:aws:s3:::artifacts", name = "artifacts" }
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

run "role" {
  module {
    source = "./modules/role"
  }

  variables {
    description = "Reads."
    name        = "reader"
    policy      = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    service     = "lambda.amazonaws.com"
    shared = {
      account_id               = "111122223333"
      dns_suffix               = "amazonaws.com"
      kms_key_arn              = null
      log_retention_days       = 30
      name                     = "reviews"
      partition                = "aws"
      permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
      region                   = "ap-northeast-1"
      tags                     = {}
      vpc                      = null
    }
  }

  assert {
    condition     = aws_iam_role.this.name == "reviews-reader-ap-northeast-1"
    error_message = "IAM is one for all regions: two copies of a name in two regions need two roles."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    error_message = "The role is bounded."
  }

  assert {
    condition     = [for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.variable] == ["aws:SourceAccount"]
    error_message = "Nobody else's resources make the service act with the role."
  }
}

run "role_for_a_source" {
  module {
    source = "./modules/role"
  }

  variables {
    description = "Reads."
    name        = "reader"
    policy      = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    service     = "states.amazonaws.com"
    source_arns = ["arn:aws:states:ap-northeast-1:111122223333:stateMachine:reviews"]
  }

  assert {
    condition = one([for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.values if condition.variable == "aws:SourceArn"]) == tolist([
      "arn:aws:states:ap-northeast-1:111122223333:stateMachine:reviews",
    ])
    error_message = "The service acts for this resource only."
  }
}

run "function" {
  module {
    source = "./modules/function"
  }

  variables {
    description = "Reads."
    handler     = "package.module.handler"
    name        = "preprocess"
    package     = { bucket = "packages", key = "preprocess.zip", object_version = "3" }
    policy      = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    settings    = { architecture = "arm64", ephemeral_storage_size = 1024, memory_size = 3538, runtime = "python3.13", timeout = 600 }
  }

  assert {
    condition = (
      aws_lambda_function.this.architectures == tolist(["arm64"])
      && aws_lambda_function.this.runtime == "python3.13"
      && aws_lambda_function.this.memory_size == 3538
      && aws_lambda_function.this.timeout == 600
      && aws_lambda_function.this.ephemeral_storage[0].size == 1024
      && aws_lambda_function.this.s3_object_version == "3"
    )
    error_message = "The function is as asked for."
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.this.statement : statement if statement.sid == "ConnectToVpc"]) == 0
    error_message = "No permissions for a VPC that is not there."
  }
}

run "function_in_a_vpc_with_a_key" {
  module {
    source = "./modules/function"
  }

  variables {
    description = "Reads."
    handler     = "package.module.handler"
    name        = "preprocess"
    package     = { bucket = "packages", key = "preprocess.zip", source_code_hash = "b3BhcXVlIGRpZ2VzdA==" }
    policy      = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    settings    = { architecture = "x86_64", memory_size = 1769, reserved_concurrency = 5, runtime = "python3.12", timeout = 900 }
    shared = {
      account_id               = "111122223333"
      dns_suffix               = "amazonaws.com"
      kms_key_arn              = "arn:aws:kms:ap-northeast-1:111122223333:key/1"
      log_retention_days       = 30
      name                     = "reviews"
      partition                = "aws"
      permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
      region                   = "ap-northeast-1"
      tags                     = {}
      vpc                      = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
    }
  }

  assert {
    condition     = aws_lambda_function.this.source_code_hash == "b3BhcXVlIGRpZ2VzdA==" && aws_lambda_function.this.s3_object_version == null
    error_message = "Another hash is another package."
  }

  assert {
    condition     = aws_lambda_function.this.vpc_config[0].subnet_ids == toset(["subnet-1"]) && aws_lambda_function.this.reserved_concurrent_executions == 5
    error_message = "The function runs in the VPC, five at a time."
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.this.statement : statement if statement.sid == "ConnectToVpc"]) == 1
    error_message = "Permissions for the VPC."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.kms_key_id == "arn:aws:kms:ap-northeast-1:111122223333:key/1" && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "The key encrypts the logs."
  }
}

run "preprocess" {
  module {
    source = "./modules/preprocess"
  }

  variables {
    input = { bucket_arn = "arn:aws:s3:::exports", prefix = "daily/" }
    settings = {
      architecture           = "arm64"
      ephemeral_storage_size = 1024
      memory_size            = 3008
      package                = { bucket = "packages", key = "preprocess.zip", object_version = "3" }
      python                 = "python3"
      reserved_concurrency   = -1
      runtime                = "python3.13"
      timeout                = 600
    }
  }

  assert {
    condition     = length(terraform_data.package) == 0 && output.package.key == "preprocess.zip" && output.package.object_version == "3"
    error_message = "A ready-made package is used, and none is built."
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.preprocess.statement : statement.resources if statement.sid == "ReadInput"]) == toset(["arn:aws:s3:::exports/daily/*"])
    error_message = "The function reads below the prefix only."
  }

  assert {
    condition     = length(setintersection([for statement in data.aws_iam_policy_document.preprocess.statement : statement.sid], ["Decrypt", "Encrypt"])) == 0
    error_message = "No permissions for a key that is not there."
  }
}

run "preprocess_with_keys" {
  module {
    source = "./modules/preprocess"
  }

  variables {
    input = { bucket_arn = "arn:aws:s3:::exports", kms_key_arn = "arn:aws:kms:ap-northeast-1:111122223333:key/2", prefix = "" }
    settings = {
      architecture           = "x86_64"
      ephemeral_storage_size = 512
      memory_size            = 3008
      package                = { bucket = "packages", key = "preprocess.zip", object_version = "3" }
      python                 = "python3"
      reserved_concurrency   = -1
      runtime                = "python3.12"
      timeout                = 900
    }
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
    condition     = length(one([for statement in data.aws_iam_policy_document.preprocess.statement : statement.resources if statement.sid == "Decrypt"])) == 2
    error_message = "Both the input's key and the module's decrypt."
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.preprocess.statement : statement.resources if statement.sid == "Encrypt"]) == toset(["arn:aws:kms:ap-northeast-1:111122223333:key/1"])
    error_message = "The module's key encrypts."
  }

  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.assemble.statement : statement.resources])) == toset([
      "arn:aws:s3:::artifacts", "arn:aws:s3:::artifacts/runs/*", "arn:aws:kms:ap-northeast-1:111122223333:key/1",
    ])
    error_message = "The assembling function works on runs, with the key, and on nothing else."
  }
}

run "training" {
  module {
    source = "./modules/training"
  }

  variables {
    training = {
      encrypt_inter_container_traffic = false, hyperparameters = {}, instance_count = 1, instance_type = "ml.c5.xlarge"
      max_runtime_seconds             = 3600, mode = "skipgram", network_isolation = true, volume_size = 30
    }
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.this.statement : statement.resources if statement.sid == "PullImage"]) == toset(["arn:aws:ecr:ap-northeast-1:501404015308:repository/blazingtext"])
    error_message = "Only BlazingText's image may be pulled."
  }

  assert {
    condition     = length(setintersection([for statement in data.aws_iam_policy_document.this.statement : statement.sid], ["ConnectToVpc", "EncryptVolume", "UseKey"])) == 0
    error_message = "No permissions for a VPC or a key that is not there."
  }
}

run "training_in_a_vpc_with_a_key" {
  module {
    source = "./modules/training"
  }

  variables {
    shared = {
      account_id               = "111122223333"
      dns_suffix               = "amazonaws.com"
      kms_key_arn              = "arn:aws:kms:ap-northeast-1:111122223333:key/1"
      log_retention_days       = 30
      name                     = "reviews"
      partition                = "aws"
      permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
      region                   = "ap-northeast-1"
      tags                     = {}
      vpc                      = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
    }
    training = {
      encrypt_inter_container_traffic = true, hyperparameters = {}, instance_count = 2, instance_type = "ml.c5.xlarge"
      max_runtime_seconds             = 3600, mode = "batch_skipgram", network_isolation = true, volume_size = 30
    }
  }

  assert {
    condition     = length(setintersection([for statement in data.aws_iam_policy_document.this.statement : statement.sid], ["ConnectToVpc", "EncryptVolume", "UseKey"])) == 3
    error_message = "Permissions for the VPC and the key."
  }
}

run "workflow" {
  module {
    source = "./modules/workflow"
  }

  variables {
    definition        = "{}"
    function_arns     = ["arn:aws:lambda:ap-northeast-1:111122223333:function:reviews-preprocess"]
    input             = { bucket_arn = "arn:aws:s3:::exports", prefix = "daily/" }
    training_role_arn = "arn:aws:iam::111122223333:role/reviews-training"
  }

  assert {
    condition = one([for statement in data.aws_iam_policy_document.this.statement : statement if statement.sid == "WaitForTraining"]).actions == toset([
      "events:DescribeRule", "events:PutRule", "events:PutTargets",
    ])
    error_message = "`.sync` manages a rule."
  }

  assert {
    condition = one([for statement in data.aws_iam_policy_document.this.statement : statement if statement.sid == "WaitForTraining"]).resources == toset([
      "arn:aws:events:ap-northeast-1:111122223333:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    ])
    error_message = "That rule, and no other."
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.this.statement : statement if statement.sid == "Train"]).resources == toset(["arn:aws:sagemaker:ap-northeast-1:111122223333:training-job/reviews-*"])
    error_message = "Only jobs of its own name."
  }

  assert {
    condition     = aws_sfn_state_machine.this.type == "STANDARD" && aws_sfn_state_machine.this.tracing_configuration[0].enabled && aws_sfn_state_machine.this.logging_configuration[0].level == "ALL"
    error_message = "A standard machine that logs and traces."
  }

  assert {
    condition = one([for statement in data.aws_iam_policy_document.this.statement : statement if statement.sid == "FollowFiles"]).resources == toset([
      "arn:aws:states:ap-northeast-1:111122223333:execution:reviews/*", "arn:aws:states:ap-northeast-1:111122223333:execution:reviews:*",
    ])
    error_message = "Children go by the label's ARN, and by the one that AWS's page names."
  }

  assert {
    condition     = length(one([for statement in data.aws_iam_policy_document.this.statement : statement if statement.sid == "ListFiles"]).condition) == 1
    error_message = "Files are listed below the prefix only."
  }
}

run "workflow_without_a_prefix" {
  module {
    source = "./modules/workflow"
  }

  variables {
    definition        = "{}"
    function_arns     = ["arn:aws:lambda:ap-northeast-1:111122223333:function:reviews-preprocess"]
    input             = { bucket_arn = "arn:aws:s3:::exports", prefix = "" }
    training_role_arn = "arn:aws:iam::111122223333:role/reviews-training"
  }

  assert {
    condition     = length(one([for statement in data.aws_iam_policy_document.this.statement : statement if statement.sid == "ListFiles"]).condition) == 0
    error_message = "A request for the whole bucket may leave the prefix out."
  }
}
