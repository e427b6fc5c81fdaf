output "artifacts_bucket" {
  description = "Name of the bucket for runs and models."
  value       = module.blazingtext_ja.artifacts_bucket.name
}

output "input_bucket" {
  description = "Name of the bucket to put files into."
  value       = module.blazingtext_ja.input_bucket.name
}

output "state_machine_arn" {
  description = "State machine that a file starts."
  value       = module.blazingtext_ja.state_machine_arn
}

output "failure_topic_arn" {
  description = "Topic that failures are announced on."
  value       = module.blazingtext_ja.failure_topic_arn
}

output "function_name" {
  description = "Name of the function."
  value       = module.blazingtext_ja.functions.preprocess.name
}

output "package" {
  description = "S3 object that the function runs from."
  value       = module.blazingtext_ja.package
}

output "dead_letter_queue_url" {
  description = "Queue for events that could not start an execution."
  value       = module.blazingtext_ja.dead_letter_queue.url
}
