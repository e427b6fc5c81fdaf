output "assemble" {
  description = "The function that makes one corpus of a folder's shards."
  value       = module.assemble
}

output "package" {
  description = "S3 object that the functions run from."
  value       = local.package
}

output "preprocess" {
  description = "The function that validates and tokenizes a file."
  value       = module.preprocess
}
