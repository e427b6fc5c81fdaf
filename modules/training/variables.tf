variable "artifacts_bucket" {
  description = "Bucket that channels are read from and models are written to."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "shared" {
  description = "What all parts of the module share."
  type = object({
    account_id               = string
    dns_suffix               = string
    kms_key_arn              = string
    name                     = string
    partition                = string
    permissions_boundary_arn = string
    region                   = string
    tags                     = map(string)
    vpc                      = object({ security_group_ids = list(string), subnet_ids = list(string) })
  })
  nullable = false
}

variable "training" {
  description = "The training job, as in the root module's `training`."
  type = object({
    encrypt_inter_container_traffic = bool
    hyperparameters                 = map(string)
    image_uri                       = optional(string)
    instance_count                  = number
    instance_type                   = string
    max_runtime_seconds             = number
    mode                            = string
    network_isolation               = bool
    spot_max_wait_seconds           = optional(number)
    volume_size                     = number
  })
  nullable = false
}
