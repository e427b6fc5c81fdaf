variable "existing_input_bucket" {
  description = "Name of an existing bucket to read from. `null` creates one."
  type        = string
}

variable "force_destroy" {
  description = "Let `terraform destroy` delete buckets that still hold objects."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the buckets made here. `null` uses S3-managed keys."
  type        = string
}

variable "manage_notification" {
  description = "Switch the input bucket's EventBridge notifications on. This replaces every notification the bucket has."
  type        = bool
  nullable    = false
}

variable "name" {
  description = "Prefix of the buckets' names."
  type        = string
  nullable    = false
}

variable "runs_expiration_days" {
  description = "Days after which the objects under `runs/` expire, and unfinished uploads with them. `null` keeps them."
  type        = number
}

variable "tags" {
  description = "Tags of the buckets."
  type        = map(string)
  nullable    = false
}
