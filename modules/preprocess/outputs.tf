output "function_arn" {
  description = "ARN of the function."
  value       = module.function.arn
}

output "function_name" {
  description = "Name of the function."
  value       = module.function.name
}

output "log_group_name" {
  description = "Log group of the function."
  value       = module.function.log_group_name
}

output "package" {
  description = "S3 object that the function runs from."
  value       = local.package
}

output "role_arn" {
  description = "Role of the function."
  value       = module.function.role_arn
}
