output "topic_arn" {
  description = "SNS topic that hears of each run that ends badly."
  value       = local.topic_arn
}
