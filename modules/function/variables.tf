variable "description" {
  description = "What the function does."
  type        = string
  nullable    = false
}

variable "handler" {
  description = "Entry point in the package."
  type        = string
  nullable    = false
}

variable "name" {
  description = "End of the names of the function and its role, e.g. `\"preprocess\"`."
  type        = string
  nullable    = false
}

variable "package" {
  description = "S3 object that the function runs from."
  type        = object({ bucket = string, key = string, object_version = optional(string), source_code_hash = optional(string) })
  nullable    = false
}

variable "policy" {
  description = "Policy document with what this function's code does; what Lambda itself needs is added."
  type        = string
  nullable    = false
}

variable "settings" {
  description = "What the function runs on: MB of memory and of `/tmp`, seconds, and how many copies run at a time (`-1`: no limit)."
  type = object({
    architecture           = string
    ephemeral_storage_size = optional(number, 512)
    memory_size            = number
    reserved_concurrency   = optional(number, -1)
    runtime                = string
    timeout                = number
  })
  nullable = false
}

variable "shared" {
  description = "What all parts of the module share."
  type = object({
    account_id               = string
    kms_key_arn              = string
    log_retention_days       = number
    name                     = string
    permissions_boundary_arn = string
    region                   = string
    tags                     = map(string)
    vpc                      = object({ security_group_ids = list(string), subnet_ids = list(string) })
  })
  nullable = false
}
