variable "description" {
  description = "What the role is for."
  type        = string
  nullable    = false
}

variable "name" {
  description = "End of the role's name, e.g. `\"training\"`."
  type        = string
  nullable    = false
}

variable "policy" {
  description = "Policy document, in JSON, of what the role may do."
  type        = string
  nullable    = false
}

variable "service" {
  description = "Service that assumes the role, e.g. `\"lambda.amazonaws.com\"`."
  type        = string
  nullable    = false
}

variable "shared" {
  description = "What all parts of the module share."
  type        = object({ account_id = string, name = string, permissions_boundary_arn = string, region = string, tags = map(string) })
  nullable    = false
}

variable "source_arns" {
  description = "ARNs, with `*` where need be, that the service may act for. Empty where it sends none."
  type        = list(string)
  default     = []
  nullable    = false
}
