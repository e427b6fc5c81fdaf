output "dead_letter_queue" {
  description = "ARN and URL of the queue for events that could not start an execution."
  value = {
    arn = aws_sqs_queue.dead_letters.arn
    url = aws_sqs_queue.dead_letters.id
  }
}

output "role_arn" {
  description = "Role that EventBridge starts executions with."
  value       = aws_iam_role.this.arn
}

output "rule_arn" {
  description = "EventBridge rule that watches the input bucket."
  value       = aws_cloudwatch_event_rule.this.arn
}
