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

variable "shared" {
  description = "What all parts of the module share."
  type        = object({ account_id = string, kms_key_arn = string, log_retention_days = number, name = string, partition = string, permissions_boundary_arn = string, region = string, tags = map(string) })
  nullable    = false
}

variable "training_role_arn" {
  description = "Role that the state machine passes to its training jobs."
  type        = string
  nullable    = false
}
