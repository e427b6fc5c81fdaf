variable "input" {
  description = "The watched objects: bucket name, key prefix, key suffixes, and the name of the object that closes a folder (\"\" for none)."
  type = object({
    bucket   = string
    marker   = string
    prefix   = string
    suffixes = list(string)
  })
  nullable = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the dead-letter queue. `null` uses SQS-managed keys."
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

variable "state_machine_arn" {
  description = "State machine that each matching object starts."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
