# The state machine as rendered: what SageMaker and the function are asked for, from the variables.

mock_provider "aws" {
  source = "./tests/terraform/mocks"
}

variables {
  name       = "reviews"
  corpus     = { text_column = "body", label_column = "stars", label_map = { "1" = "0", "5" = "1" } }
  preprocess = { package = { bucket = "packages", key = "preprocess.zip", object_version = "1" } }
  training   = { mode = "skipgram" }
}

run "word2vec" {
  assert {
    condition     = [for channel in jsondecode(output.state_machine_definition).States.Train.Arguments.InputDataConfig : channel.ChannelName] == ["train"]
    error_message = "BlazingText's word2vec modes take the train channel only."
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Train.Arguments.HyperParameters == { evaluation = "False", mode = "skipgram" }
    error_message = "Only mode, and the English evaluation off."
  }

  assert {
    condition = (
      jsondecode(output.state_machine_definition).States.Preprocess.Arguments.Payload.config.label_column == null
      && jsondecode(output.state_machine_definition).States.Preprocess.Arguments.Payload.config.validation_fraction == 0
    )
    error_message = "Word vectors are learned from lines without labels, all of them."
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Preprocess.Arguments.Payload.config.stop_words == null
    error_message = "The stop words are the package's own."
  }

  assert {
    condition = toset(keys(jsondecode(output.state_machine_definition).States.Train.Arguments)) == toset([
      "AlgorithmSpecification", "EnableNetworkIsolation", "HyperParameters", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "RoleArn",
      "StoppingCondition", "TrainingJobName",
    ])
    error_message = "SageMaker is asked for what was asked for, and for nothing else."
  }

  assert {
    condition = length(distinct([
      for state in concat(
        [for name in ["Preprocess", "Assemble"] : jsondecode(output.state_machine_definition).States[name]],
        [jsondecode(output.state_machine_definition).States["Preprocess files"].ItemProcessor.States["Preprocess file"]],
      ) : jsonencode(state.Retry)
    ])) == 1
    error_message = "The functions are tried again alike."
  }

  assert {
    condition     = contains(jsondecode(output.state_machine_definition).States.Preprocess.Retry[0].ErrorEquals, "Lambda.TooManyRequestsException") && jsondecode(output.state_machine_definition).States.Preprocess.Retry[0].MaxAttempts == 20
    error_message = "A burst of files on an account that runs few functions waits, and loses none."
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Assemble.TimeoutSeconds == 960 && jsondecode(output.state_machine_definition).States.Preprocess.TimeoutSeconds == 960
    error_message = "The state machine waits a minute longer than the function has."
  }

  assert {
    condition = alltrue([
      for state in values(jsondecode(output.state_machine_definition).States) : can(state.TimeoutSeconds) if state.Type == "Task"
    ])
    error_message = "Every task has a time-out."
  }
}

run "supervised" {
  variables {
    training = {
      mode            = "supervised"
      hyperparameters = { early_stopping = "TRUE", epochs = 10, learning_rate = 0.05 }
    }
  }

  assert {
    condition     = [for channel in jsondecode(output.state_machine_definition).States.Train.Arguments.InputDataConfig : channel.ChannelName] == ["train", "validation"]
    error_message = "supervised mode takes both channels."
  }

  assert {
    condition = alltrue([
      for channel in jsondecode(output.state_machine_definition).States.Train.Arguments.InputDataConfig :
      channel.ContentType == "text/plain" && channel.InputMode == "File"
      && channel.DataSource.S3DataSource.S3DataDistributionType == "FullyReplicated"
      && endswith(channel.DataSource.S3DataSource.S3Uri, "'${channel.ChannelName}/' %}")
    ])
    error_message = "Each channel is a prefix that ends in a slash, read as plain text, whole on every instance."
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Train.Arguments.HyperParameters == { early_stopping = "True", epochs = "10", learning_rate = "0.05", mode = "supervised" }
    error_message = "Hyperparameters are strings, booleans spelled as BlazingText does."
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Preprocess.Arguments.Payload.config.label_map == { "1" = "0", "5" = "1" }
    error_message = "The function maps labels."
  }
}

run "tables_as_spark_writes_them" {
  variables {
    corpus = { text_column = "body", columns = ["stars", "body"], escape = "\\", encoding = "iso2022_jp", show_values = 0, label_column = "stars", label_map = { "良い" = "1", "悪い" = "0" } }
  }

  assert {
    condition = (
      jsondecode(output.state_machine_definition).States.Preprocess.Arguments.Payload.config.columns == ["stars", "body"]
      && jsondecode(output.state_machine_definition).States.Preprocess.Arguments.Payload.config.escape == "\\"
      && jsondecode(output.state_machine_definition).States.Preprocess.Arguments.Payload.config.show_values == 0
    )
    error_message = "The function is told how the tables are written."
  }
}

run "supervised_without_validation" {
  variables {
    corpus   = { text_column = "body", label_column = "stars", validation_fraction = 0 }
    training = { mode = "supervised" }
  }

  assert {
    condition     = [for channel in jsondecode(output.state_machine_definition).States.Train.Arguments.InputDataConfig : channel.ChannelName] == ["train"]
    error_message = "Nothing is held back, so there is no validation channel."
  }
}

run "on_demand" {
  assert {
    condition = (
      !contains(keys(jsondecode(output.state_machine_definition).States.Train.Arguments), "EnableManagedSpotTraining")
      && jsondecode(output.state_machine_definition).States.Train.Arguments.StoppingCondition == { MaxRuntimeInSeconds = 3600 }
    )
    error_message = "SageMaker refuses a waiting time without spot."
  }
}

run "spot" {
  variables {
    training = { mode = "skipgram", max_runtime_seconds = 1800, spot_max_wait_seconds = 3600 }
  }

  assert {
    condition = (
      jsondecode(output.state_machine_definition).States.Train.Arguments.EnableManagedSpotTraining
      && jsondecode(output.state_machine_definition).States.Train.Arguments.StoppingCondition == { MaxRuntimeInSeconds = 1800, MaxWaitTimeInSeconds = 3600 }
    )
    error_message = "Spot waits, and says for how long."
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Train.TimeoutSeconds > 3600
    error_message = "The state machine waits longer than the job may."
  }
}

run "several_instances" {
  variables {
    training = { mode = "batch_skipgram", instance_count = 3, instance_type = "ml.c5.4xlarge", volume_size = 100, encrypt_inter_container_traffic = true, network_isolation = false }
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Train.Arguments.ResourceConfig == { InstanceCount = 3, InstanceType = "ml.c5.4xlarge", VolumeSizeInGB = 100 }
    error_message = "Instances and volume are as asked for."
  }

  assert {
    condition = (
      jsondecode(output.state_machine_definition).States.Train.Arguments.EnableInterContainerTrafficEncryption
      && !contains(keys(jsondecode(output.state_machine_definition).States.Train.Arguments), "EnableNetworkIsolation")
    )
    error_message = "Traffic encryption and isolation are as asked for."
  }
}

run "vpc" {
  variables {
    vpc = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Train.Arguments.VpcConfig == { SecurityGroupIds = ["sg-1"], Subnets = ["subnet-1", "subnet-2"] }
    error_message = "Training runs in the VPC."
  }
}

run "kms" {
  variables {
    kms_key_arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234"
  }

  assert {
    condition = (
      jsondecode(output.state_machine_definition).States.Train.Arguments.OutputDataConfig.KmsKeyId == "arn:aws:kms:ap-northeast-1:111122223333:key/1234"
      && jsondecode(output.state_machine_definition).States.Train.Arguments.ResourceConfig.VolumeKmsKeyId == "arn:aws:kms:ap-northeast-1:111122223333:key/1234"
    )
    error_message = "The key encrypts the volume and the model."
  }

  assert {
    condition     = output.failure_topic_arn == "arn:aws:sns:ap-northeast-1:111122223333:reviews-failures"
    error_message = "A topic is made."
  }
}

run "kms_on_an_instance_with_local_disks" {
  variables {
    kms_key_arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234"
    training    = { mode = "skipgram", instance_type = "ml.g4dn.xlarge" }
  }

  assert {
    condition     = !can(jsondecode(output.state_machine_definition).States.Train.Arguments.ResourceConfig.VolumeKmsKeyId)
    error_message = "SageMaker refuses a key for local disks, which encrypt by themselves."
  }

  assert {
    condition     = strcontains(jsondecode(output.state_machine_definition).States["Does it fit?"].Choices[0].Condition, "false and ")
    error_message = "Of disks that are fixed, volume_size says nothing."
  }
}

run "tags" {
  variables {
    tags = { team = "nlp" }
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Train.Arguments.Tags == [{ Key = "team", Value = "nlp" }]
    error_message = "Training jobs carry the tags."
  }
}

run "folders" {
  variables {
    input      = { suffixes = [".csv", ".TSV.gz"] }
    preprocess = { package = { bucket = "packages", key = "preprocess.zip", object_version = "1" }, max_concurrency = 7, tolerated_failure_percentage = 5 }
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States["Preprocess files"].MaxConcurrency == 7
    error_message = "As many files at a time as asked for."
  }

  assert {
    condition     = jsondecode(output.state_machine_definition).States.Assemble.Arguments.Payload.config.tolerated_failure_percentage == 5
    error_message = "Assemble judges by the share that is tolerated."
  }

  assert {
    condition     = strcontains(jsondecode(output.state_machine_definition).States["Preprocess files"].ItemProcessor.States["Is it text?"].Choices[1].Condition, "['.csv', '.tsv.gz']")
    error_message = "Files are told by their suffix."
  }
}

run "own_image" {
  variables {
    training = { mode = "skipgram", image_uri = "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/copies/blazingtext:1" }
  }

  assert {
    condition     = output.training_image_uri == "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/copies/blazingtext:1"
    error_message = "The image is the one asked for."
  }
}

run "own_topic" {
  variables {
    failure_topic = { arn = "arn:aws:sns:ap-northeast-1:111122223333:alerts" }
  }

  assert {
    condition     = output.failure_topic_arn == "arn:aws:sns:ap-northeast-1:111122223333:alerts"
    error_message = "The topic is the one asked for."
  }
}
