output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "log_group_name" {
  description = "Log group of the function."
  value       = aws_cloudwatch_log_group.this.name
}

output "package" {
  description = "S3 object that the function runs from."
  value       = { bucket = aws_lambda_function.this.s3_bucket, key = aws_lambda_function.this.s3_key }
}

output "role_arn" {
  description = "Role of the function."
  value       = aws_iam_role.this.arn
}
