output "artifacts_bucket" {
  description = "Name of the bucket for runs and models."
  value       = module.sentiment.artifacts_bucket.name
}

output "dead_letter_queue_url" {
  description = "Queue for events that could not start a run."
  value       = module.sentiment.dead_letter_queue.url
}

output "failure_topic_arn" {
  description = "Topic that each failed run is announced on."
  value       = module.sentiment.failure_topic_arn
}

output "input_bucket" {
  description = "Name of the bucket to put files into."
  value       = module.sentiment.input_bucket.name
}

output "state_machine_arn" {
  description = "State machine that takes a file to a model."
  value       = module.sentiment.state_machine_arn
}
