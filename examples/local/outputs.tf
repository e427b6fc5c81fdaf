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
