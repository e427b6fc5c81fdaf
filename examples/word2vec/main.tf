# Word vectors from a daily export of reviews.

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

module "word_vectors" {
  source = "../.."

  name = "reviews-vectors"

  corpus = {
    text_column = "review_body"
  }

  # Inflected forms share a vector: 泊まった and 泊まります are 泊まる.
  tokenizer = {
    token_form = "dictionary"
  }

  training = {
    mode = "skipgram"
    hyperparameters = {
      epochs     = 10
      min_count  = 5
      vector_dim = 100
    }
    # Spot costs about a third. BlazingText has no checkpoints, so waiting and training share an hour.
    spot_max_wait_seconds = 3600
  }
}
