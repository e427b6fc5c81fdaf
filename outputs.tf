output "artifacts_bucket" {
  description = "Bucket for runs (`runs/<run id>/`) and models (`models/<training job name>/output/model.tar.gz`): `name` and `arn`."
  value       = module.storage.artifacts_bucket
}

output "dead_letter_queue" {
  description = "SQS queue for events that could not start an execution, alarm on its length: `arn` and `url`."
  value       = module.trigger.dead_letter_queue
}

output "event_rule_arns" {
  description = "EventBridge rules that watch the input bucket."
  value       = module.trigger.rule_arns
}

output "failure_topic_arn" {
  description = "SNS topic that each failed run is announced on; subscribe to it."
  value       = module.announcement.topic_arn
}

output "functions" {
  description = "Functions that `preprocess` a file and `assemble` a folder's: `arn` and `name` of each."
  value = {
    assemble   = { arn = module.preprocess.assemble.arn, name = module.preprocess.assemble.name }
    preprocess = { arn = module.preprocess.preprocess.arn, name = module.preprocess.preprocess.name }
  }
}

output "input_bucket" {
  description = "Bucket to put files into: `name` and `arn`."
  value       = module.storage.input_bucket
}

output "log_groups" {
  description = "Names of the log groups of the functions, `assemble` and `preprocess`, and of the `state_machine`. Training jobs log in `/aws/sagemaker/TrainingJobs`."
  value = {
    assemble      = module.preprocess.assemble.log_group_name
    preprocess    = module.preprocess.preprocess.log_group_name
    state_machine = module.workflow.log_group_name
  }
}

output "package" {
  description = "S3 object that the function runs from (`bucket`, `key`, and `object_version` or `source_code_hash`); another copy of the module can take it as `preprocess.package`."
  value       = module.preprocess.package
}

output "role_arns" {
  description = "Roles of the functions, `assemble` and `preprocess`, the `training` jobs, the EventBridge `trigger` and the `workflow`."
  value = {
    assemble   = module.preprocess.assemble.role_arn
    preprocess = module.preprocess.preprocess.role_arn
    training   = module.training.role_arn
    trigger    = module.trigger.role_arn
    workflow   = module.workflow.role_arn
  }
}

output "state_machine_arn" {
  description = "State machine that takes a file to a model."
  value       = module.workflow.state_machine_arn
}

output "state_machine_definition" {
  description = "Definition of the state machine as rendered, in Amazon States Language."
  value       = local.definition
}

output "training_image_uri" {
  description = "BlazingText image that training jobs run."
  value       = module.training.image_uri
}
