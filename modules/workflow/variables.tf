variable "artifacts_bucket" {
  description = "Bucket that the results of a folder's files are written to."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "definition" {
  description = "Amazon States Language definition of the state machine."
  type        = string
  nullable    = false
}

variable "failure_topic_arn" {
  description = "SNS topic that failures are announced on."
  type        = string
  nullable    = false
}

variable "function_arns" {
  description = "Functions that the state machine invokes."
  type        = list(string)
  nullable    = false
}

variable "input" {
  description = "Where the files of a folder are listed: the bucket's ARN and a key prefix."
  type        = object({ bucket_arn = string, prefix = string })
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the log group and the failure topic. `null` uses the services' own keys."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the logs are kept."
  type        = number
  nullable    = false
}

variable "name" {
  description = "Name of the state machine, and the prefix of its training jobs' names."
  type        = string
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}

variable "training_role_arn" {
  description = "Role that the state machine passes to its training jobs."
  type        = string
  nullable    = false
}
