output "job" {
  description = "The arguments of CreateTrainingJob that are the same in every run."
  value       = local.job

  # Whoever starts a job needs its role to be complete.
  depends_on = [aws_iam_role_policy.this]
}

output "image_uri" {
  description = "BlazingText image of the region."
  value       = local.image_uri
}

output "role_arn" {
  description = "Execution role of the training jobs."
  value       = aws_iam_role.this.arn
}
