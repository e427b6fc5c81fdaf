output "arn" {
  description = "ARN of the role, known once it may do what its policy says."
  value       = aws_iam_role.this.arn

  depends_on = [aws_iam_role_policy.this]
}

output "name" {
  description = "Name of the role."
  value       = aws_iam_role.this.name
}
