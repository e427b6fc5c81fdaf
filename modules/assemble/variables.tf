variable "architecture" {
  description = "Instruction set of the function and of its package."
  type        = string
  nullable    = false
}

variable "artifacts_bucket" {
  description = "Bucket of the runs."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts runs and logs. `null` uses the services' own keys."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the logs are kept."
  type        = number
  nullable    = false
}

variable "name" {
  description = "Prefix of every name."
  type        = string
  nullable    = false
}

variable "package" {
  description = "The preprocess function's package, which holds this function's code too."
  type        = object({ bucket = string, key = string, object_version = optional(string) })
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the role."
  type        = string
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

variable "vpc" {
  description = "Subnets and security groups of the function. `null` runs it outside a VPC."
  type        = object({ security_group_ids = list(string), subnet_ids = list(string) })
}
