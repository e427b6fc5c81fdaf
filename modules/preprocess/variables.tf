variable "artifacts_bucket" {
  description = "Bucket for the package and for the runs."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "input" {
  description = "What is read: the bucket's ARN, a key prefix, and the bucket's key where it has one of its own."
  type        = object({ bucket_arn = string, kms_key_arn = optional(string), prefix = string })
  nullable    = false
}

variable "settings" {
  description = "The functions, as in the root module's `preprocess`."
  type = object({
    architecture           = string
    build_directory        = optional(string)
    ephemeral_storage_size = number
    memory_size            = number
    package                = optional(object({ bucket = string, key = string, object_version = optional(string), source_code_hash = optional(string) }))
    python                 = optional(string)
    reserved_concurrency   = number
    runtime                = string
    timeout                = number
    user_dictionary        = optional(string)
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
