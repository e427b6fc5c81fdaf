variable "corpus" {
  description = "As the module's `corpus`."
  type        = any
  default     = { text_column = "review_body", label_column = "star_rating" }
}

variable "input" {
  description = "As the module's `input`."
  type        = any
  default     = {}
}

variable "name" {
  description = "Start of every name."
  type        = string
  default     = "local"
}

variable "preprocess" {
  description = "As the module's `preprocess`. The runtime must be that of a Python on this machine."
  type        = any
  default     = {}
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
