# Roles: what each may do comes and goes with what is asked for.

mock_provider "aws" {
  source = "./tests/terraform/mocks"
}

variables {
  artifacts_bucket         = { arn = "arn:aws:s3:::artifacts", name = "artifacts" }
  kms_key_arn              = null
  log_retention_days       = 30
  name                     = "reviews"
  permissions_boundary_arn = null
  tags                     = {}
  vpc                      = null
}

run "function" {
  module {
    source = "./modules/function"
  }

  variables {
    architecture           = "arm64"
    description            = "Reads."
    ephemeral_storage_size = 1024
    handler                = "package.module.handler"
    memory_size            = 3538
    name                   = "reviews-preprocess"
    package                = { bucket = "packages", key = "preprocess.zip", object_version = "3" }
    policy                 = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    runtime                = "python3.13"
    timeout                = 600
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
    architecture             = "x86_64"
    description              = "Reads."
    handler                  = "package.module.handler"
    kms_key_arn              = "arn:aws:kms:ap-northeast-1:111122223333:key/1"
    memory_size              = 1769
    name                     = "reviews-preprocess"
    package                  = { bucket = "packages", key = "preprocess.zip" }
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
    policy                   = "{\"Version\": \"2012-10-17\", \"Statement\": []}"
    reserved_concurrency     = 5
    runtime                  = "python3.12"
    timeout                  = 900
    vpc                      = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
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
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    error_message = "The role is bounded."
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
    architecture           = "arm64"
    build_directory        = "unused"
    ephemeral_storage_size = 1024
    input                  = { bucket_arn = "arn:aws:s3:::exports", prefix = "daily/" }
    kms_key_arns           = { read = [] }
    memory_size            = 3538
    package                = { bucket = "packages", key = "preprocess.zip", object_version = "3" }
    python                 = "python3"
    reserved_concurrency   = -1
    runtime                = "python3.13"
    timeout                = 600
    user_dictionary        = null
  }

  assert {
    condition     = length(terraform_data.package) == 0 && output.package == { bucket = "packages", key = "preprocess.zip", object_version = "3" }
    error_message = "A ready-made package is used, and none is built."
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.this.statement : statement.resources if statement.sid == "ReadInput"]) == toset(["arn:aws:s3:::exports/daily/*"])
    error_message = "The function reads below the prefix only."
  }

  assert {
    condition     = length(setintersection([for statement in data.aws_iam_policy_document.this.statement : statement.sid], ["Decrypt", "Encrypt"])) == 0
    error_message = "No permissions for a key that is not there."
  }
}

run "preprocess_with_keys" {
  module {
    source = "./modules/preprocess"
  }

  variables {
    architecture           = "x86_64"
    build_directory        = "unused"
    ephemeral_storage_size = 512
    input                  = { bucket_arn = "arn:aws:s3:::exports", prefix = "" }
    kms_key_arns           = { read = ["arn:aws:kms:ap-northeast-1:111122223333:key/1", "arn:aws:kms:ap-northeast-1:111122223333:key/2"], write = "arn:aws:kms:ap-northeast-1:111122223333:key/1" }
    memory_size            = 3538
    package                = { bucket = "packages", key = "preprocess.zip" }
    python                 = "python3"
    reserved_concurrency   = -1
    runtime                = "python3.12"
    timeout                = 900
    user_dictionary        = null
  }

  assert {
    condition     = length(one([for statement in data.aws_iam_policy_document.this.statement : statement.resources if statement.sid == "Decrypt"])) == 2
    error_message = "Both the input's key and the module's decrypt."
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.this.statement : statement.resources if statement.sid == "Encrypt"]) == toset(["arn:aws:kms:ap-northeast-1:111122223333:key/1"])
    error_message = "The module's key encrypts."
  }
}

run "assemble" {
  module {
    source = "./modules/assemble"
  }

  variables {
    architecture = "x86_64"
    kms_key_arn  = "arn:aws:kms:ap-northeast-1:111122223333:key/1"
    package      = { bucket = "packages", key = "preprocess.zip" }
    runtime      = "python3.12"
  }

  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.this.statement : statement.resources])) == toset([
      "arn:aws:s3:::artifacts", "arn:aws:s3:::artifacts/runs/*", "arn:aws:kms:ap-northeast-1:111122223333:key/1",
    ])
    error_message = "The function works on runs, with the key, and on nothing else."
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
    kms_key_arn              = "arn:aws:kms:ap-northeast-1:111122223333:key/1"
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
    training = {
      encrypt_inter_container_traffic = true, hyperparameters = {}, instance_count = 2, instance_type = "ml.c5.xlarge"
      max_runtime_seconds             = 3600, mode = "batch_skipgram", network_isolation = true, volume_size = 30
    }
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = length(setintersection([for statement in data.aws_iam_policy_document.this.statement : statement.sid], ["ConnectToVpc", "EncryptVolume", "UseKey"])) == 3
    error_message = "Permissions for the VPC and the key."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary"
    error_message = "The role is bounded."
  }
}

run "workflow" {
  module {
    source = "./modules/workflow"
  }

  variables {
    definition        = "{}"
    failure_topic_arn = "arn:aws:sns:ap-northeast-1:111122223333:alerts"
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
}
