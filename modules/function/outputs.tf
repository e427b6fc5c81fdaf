output "arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "log_group_name" {
  description = "Log group of the function."
  value       = aws_cloudwatch_log_group.this.name
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "role_arn" {
  description = "Role of the function."
  value       = module.role.arn
}

output "task_timeout" {
  description = "Seconds for the state machine to wait for an answer: the function's own time, and a minute to start it in."
  value       = var.settings.timeout + 60
}
