# Files already arrive in a bucket that belongs to another stack, which has notifications of its own.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.76"
    }
  }
}

provider "aws" {
  region = "ap-northeast-1"
}

# Stands for the other stack. A bucket has one notification configuration, so EventBridge is switched on where the
# bucket's other notifications are managed.
resource "aws_s3_bucket" "exports" {
  #checkov:skip=CKV_AWS_18,CKV_AWS_21,CKV_AWS_144,CKV_AWS_145,CKV2_AWS_6,CKV2_AWS_61:Stands for a bucket that another stack makes
  bucket_prefix = "exports-"
}

resource "aws_s3_bucket_notification" "exports" {
  bucket      = aws_s3_bucket.exports.bucket
  eventbridge = true
}

module "word_vectors" {
  source = "../.."

  name = "exports-vectors"

  corpus = {
    text_column = "body"
  }

  input = {
    bucket              = { name = aws_s3_bucket.exports.bucket }
    manage_notification = false
    prefix              = "reviews/daily/"
    suffixes            = [".csv.gz"]
  }

  training = {
    mode = "cbow"
  }
}
