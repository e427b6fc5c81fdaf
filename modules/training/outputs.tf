output "fixed_disks" {
  description = "Whether the instances have disks of their own, whose size `volume_size` does not change."
  value       = local.has_local_disks
}

output "image_uri" {
  description = "BlazingText image of the region."
  value       = local.image_uri
}

output "job" {
  description = "The arguments of CreateTrainingJob that are the same in every run."
  value       = local.job
}

output "role_arn" {
  description = "Execution role of the training jobs."
  value       = module.role.arn
}

output "timeout" {
  description = "Seconds for the state machine to wait for a job: its own, and an hour for SageMaker to find instances, to start them and to upload the model."
  value       = coalesce(var.training.spot_max_wait_seconds, var.training.max_runtime_seconds) + 3600
}
