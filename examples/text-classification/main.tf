# Is a review positive or negative? The settings of a notebook that did it by hand: one and two stars are negative, four
# and five positive, three are left out; the file is a gzipped TSV whose quotes are text.

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

module "sentiment" {
  source = "../.."

  name = "reviews-sentiment"

  corpus = {
    text_column         = "review_body"
    label_column        = "star_rating"
    label_map           = { "1" = "0", "2" = "0", "4" = "1", "5" = "1" }
    validation_fraction = 0.1
    delimiter           = "\t"
    quoting             = false
  }

  input = {
    suffixes = [".tsv.gz"]
  }

  training = {
    mode          = "supervised"
    instance_type = "ml.m4.xlarge"
    hyperparameters = {
      early_stopping = true
      epochs         = 10
      min_epochs     = 5
      patience       = 4
      vector_dim     = 10
    }
  }
}

# Somebody should hear of a file that could not be read.
resource "aws_sns_topic_subscription" "failures" {
  topic_arn = module.sentiment.failure_topic_arn
  protocol  = "email"
  endpoint  = var.alert_email
}

variable "alert_email" {
  description = "Address that failed runs are announced to."
  type        = string
}
