variable "dead_letter_queue_arn" {
  description = "Queue for announcements that could not be delivered."
  type        = string
  nullable    = false
}

variable "shared" {
  description = "What all parts of the module share."
  type        = object({ account_id = string, kms_key_arn = string, name = string, tags = map(string) })
  nullable    = false
}

variable "state_machine_arn" {
  description = "State machine whose runs are watched."
  type        = string
  nullable    = false
}

variable "topic" {
  description = "An existing topic. `null` creates one."
  type        = object({ arn = string })
}
