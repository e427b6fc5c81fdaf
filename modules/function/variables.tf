variable "architecture" {
  description = "Instruction set of the function and of its package."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What the function does."
  type        = string
  nullable    = false
}

variable "ephemeral_storage_size" {
  description = "MB of `/tmp`."
  type        = number
  default     = 512
  nullable    = false
}

variable "handler" {
  description = "Entry point in the package."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the log group. `null` uses CloudWatch's own."
  type        = string
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
  description = "Name of the function, of its role and of its log group."
  type        = string
  nullable    = false
}

variable "package" {
  description = "S3 object that the function runs from."
  type        = object({ bucket = string, key = string, object_version = optional(string) })
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role."
  type        = string
}

variable "policy" {
  description = "Policy document with what this function's code does; what Lambda itself needs is added."
  type        = string
  nullable    = false
}

variable "reserved_concurrency" {
  description = "Most copies of the function at a time. `-1` sets no limit."
  type        = number
  default     = -1
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
  description = "Seconds that one invocation may take."
  type        = number
  nullable    = false
}

variable "vpc" {
  description = "Subnets and security groups of the function. `null` runs it outside a VPC."
  type        = object({ security_group_ids = list(string), subnet_ids = list(string) })
}
