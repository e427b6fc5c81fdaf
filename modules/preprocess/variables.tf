variable "architecture" {
  description = "Instruction set of the function and of its package."
  type        = string
  nullable    = false
}

variable "artifacts_bucket" {
  description = "Bucket for the package and for the runs."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "build_directory" {
  description = "Directory that the package is built in."
  type        = string
  nullable    = false
}

variable "ephemeral_storage_size" {
  description = "MB of `/tmp`."
  type        = number
  nullable    = false
}

variable "input" {
  description = "What the function reads: the bucket's ARN and a key prefix."
  type        = object({ bucket_arn = string, prefix = string })
  nullable    = false
}

variable "kms_key_arns" {
  description = "Keys of the data: `logs` encrypts the log group, `read` are decrypted with, `write` encrypts what is written."
  type        = object({ logs = optional(string), read = list(string), write = optional(string) })
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the logs are kept."
  type        = number
  nullable    = false
}

variable "memory_size" {
  description = "MB of memory; 1,769 MB bring one vCPU."
  type        = number
  nullable    = false
}

variable "name" {
  description = "Prefix of every name."
  type        = string
  nullable    = false
}

variable "package" {
  description = "A package built elsewhere, as an S3 object. `null` builds it here."
  type        = object({ bucket = string, key = string, object_version = optional(string) })
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role."
  type        = string
}

variable "python" {
  description = "Command that runs Python where Terraform runs, to build the package."
  type        = string
  nullable    = false
}

variable "reserved_concurrency" {
  description = "Most copies of the function at a time. `-1` sets no limit."
  type        = number
  nullable    = false
}

variable "runtime" {
  description = "Lambda runtime of the function and of its package."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}

variable "timeout" {
  description = "Seconds that one file may take."
  type        = number
  nullable    = false
}

variable "user_dictionary" {
  description = "Path of a user dictionary in Sudachi's CSV format. `null` uses none."
  type        = string
}

variable "vpc" {
  description = "Subnets and security groups of the function. `null` runs it outside a VPC."
  type        = object({ security_group_ids = list(string), subnet_ids = list(string) })
}
