# The whole module on the local AWS of tests/localaws: `make demo` applies this.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.76"
    }
  }
}

# Where the local AWS listens and its credentials come from the environment: AWS_ENDPOINT_URL and its like.
provider "aws" {
  max_retries                 = 2
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

# Every variable of the module; `null` is its default.
module "blazingtext_ja" {
  source = "../.."

  name = var.name

  corpus    = var.corpus
  tokenizer = var.tokenizer
  training  = var.training

  input      = var.input
  preprocess = var.preprocess

  failure_topic            = var.failure_topic
  force_destroy            = var.force_destroy
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  runs_expiration_days     = var.runs_expiration_days
  tags                     = var.tags
  vpc                      = var.vpc
}
