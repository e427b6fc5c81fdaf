variable "existing_input_bucket" {
  description = "An existing bucket to read from. `null` creates one."
  type        = object({ name = string })
}

variable "force_destroy" {
  description = "Let `terraform destroy` delete buckets that still hold objects."
  type        = bool
  nullable    = false
}

variable "manage_notification" {
  description = "Switch the input bucket's EventBridge notifications on. This replaces every notification the bucket has."
  type        = bool
  nullable    = false
}

variable "runs_expiration_days" {
  description = "Days after which the objects under `runs/` expire. `null` keeps them."
  type        = number
}

variable "shared" {
  description = "What all parts of the module share."
  type        = object({ account_id = string, kms_key_arn = string, name = string, partition = string, region = string, tags = map(string) })
  nullable    = false
}
