variable "artifacts_bucket" {
  description = "Bucket that channels are read from and models are written to."
  type        = object({ arn = string, name = string })
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the training volume and the model. `null` uses S3-managed keys and the volume's own encryption."
  type        = string
}

variable "name" {
  description = "Prefix of every name."
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

variable "vpc" {
  description = "Subnets and security groups of the training instances. `null` trains outside a VPC."
  type        = object({ security_group_ids = list(string), subnet_ids = list(string) })
}
