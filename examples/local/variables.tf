variable "corpus" {
  description = "As the module's `corpus`."
  type        = any
  default     = { text_column = "review_body", label_column = "star_rating" }
}

variable "failure_topic" {
  description = "As the module's `failure_topic`."
  type        = any
  default     = null
}

variable "force_destroy" {
  description = "As the module's `force_destroy`; on, since nothing here lives long."
  type        = bool
  default     = true
}

variable "input" {
  description = "As the module's `input`."
  type        = any
  default     = {}
}

variable "kms_key_arn" {
  description = "As the module's `kms_key_arn`."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "As the module's `log_retention_days`."
  type        = number
  default     = null
}

variable "name" {
  description = "Start of every name."
  type        = string
  default     = "local"
}

variable "permissions_boundary_arn" {
  description = "As the module's `permissions_boundary_arn`."
  type        = string
  default     = null
}

variable "preprocess" {
  description = "As the module's `preprocess`. The runtime must be that of a Python on this machine."
  type        = any
  default     = {}
}

variable "runs_expiration_days" {
  description = "As the module's `runs_expiration_days`; off, since nothing here lives that long."
  type        = number
  default     = null
}

variable "tags" {
  description = "As the module's `tags`."
  type        = map(string)
  default     = null
}

variable "tokenizer" {
  description = "As the module's `tokenizer`."
  type        = any
  default     = {}
}

variable "training" {
  description = "As the module's `training`."
  type        = any
  default     = { mode = "skipgram" }
}

variable "vpc" {
  description = "As the module's `vpc`."
  type        = any
  default     = null
}
