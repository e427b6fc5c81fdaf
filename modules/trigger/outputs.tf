output "dead_letter_queue" {
  description = "ARN and URL of the queue for events that could not start an execution."
  value = {
    arn = aws_sqs_queue.dead_letters.arn
    url = aws_sqs_queue.dead_letters.id
  }
}

output "role_arn" {
  description = "Role that EventBridge starts executions with."
  value       = module.role.arn
}

output "rule_arns" {
  description = "EventBridge rules that watch the input bucket."
  value       = [for rule in aws_cloudwatch_event_rule.this : rule.arn]
}
