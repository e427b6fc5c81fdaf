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

module "blazingtext_ja" {
  source = "../.."

  name = var.name

  corpus    = var.corpus
  tokenizer = var.tokenizer
  training  = var.training

  input      = var.input
  preprocess = var.preprocess

  force_destroy = true
  # S3 takes a minute to settle lifecycle rules, and nothing here lives that long.
  runs_expiration_days = null
}
