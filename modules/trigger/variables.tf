variable "input" {
  description = "The watched objects: bucket name, key prefix, key suffixes, and the name of the object that closes a folder (\"\" for none)."
  type        = object({ bucket = string, marker = string, prefix = string, suffixes = list(string) })
  nullable    = false
}

variable "shared" {
  description = "What all parts of the module share."
  type        = object({ account_id = string, kms_key_arn = string, name = string, partition = string, permissions_boundary_arn = string, region = string, tags = map(string) })
  nullable    = false
}

variable "state_machine_arn" {
  description = "State machine that each matching object starts."
  type        = string
  nullable    = false
}
