output "log_group_name" {
  description = "Log group of the state machine."
  value       = aws_cloudwatch_log_group.this.name
}

output "role_arn" {
  description = "Role of the state machine."
  value       = module.role.arn
}

output "state_machine_arn" {
  description = "ARN of the state machine."
  value       = aws_sfn_state_machine.this.arn
}
