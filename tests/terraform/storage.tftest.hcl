# The buckets: which are made, and how they are closed.

mock_provider "aws" {
  source = "./tests/terraform/mocks"
}

variables {
  existing_input_bucket = null
  force_destroy         = false
  manage_notification   = true
  runs_expiration_days  = 30
  shared = {
    account_id               = "111122223333"
    dns_suffix               = "amazonaws.com"
    kms_key_arn              = null
    log_retention_days       = 30
    name                     = "reviews"
    partition                = "aws"
    permissions_boundary_arn = null
    region                   = "ap-northeast-1"
    tags                     = {}
    vpc                      = null
  }
}

run "created" {
  module {
    source = "./modules/storage"
  }

  assert {
    condition = { for key, bucket in aws_s3_bucket.this : key => bucket.bucket } == {
      artifacts = "reviews-artifacts-111122223333-ap-northeast-1"
      input     = "reviews-input-111122223333-ap-northeast-1"
    }
    error_message = "Two buckets, named after the account and region."
  }

  assert {
    condition = alltrue([
      for access in values(aws_s3_bucket_public_access_block.this) :
      access.block_public_acls && access.block_public_policy && access.ignore_public_acls && access.restrict_public_buckets
    ]) && length(aws_s3_bucket_public_access_block.this) == 2
    error_message = "No public access to either."
  }

  assert {
    condition     = alltrue([for versioning in values(aws_s3_bucket_versioning.this) : versioning.versioning_configuration[0].status == "Enabled"]) && length(aws_s3_bucket_versioning.this) == 2
    error_message = "Both are versioned."
  }

  assert {
    condition     = alltrue([for encryption in values(aws_s3_bucket_server_side_encryption_configuration.this) : one(encryption.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"])
    error_message = "Encrypted with S3-managed keys."
  }

  assert {
    condition     = alltrue([for bucket in values(aws_s3_bucket.this) : !bucket.force_destroy])
    error_message = "Buckets with objects are not destroyed unless asked."
  }

  assert {
    condition = alltrue([
      for policy in values(data.aws_iam_policy_document.bucket) : alltrue([
        for statement in policy.statement : statement.effect == "Deny" && contains(statement.actions, "s3:*") && length(statement.resources) == 2
      ]) && length(policy.statement) == 2
    ])
    error_message = "Plain HTTP and other accounts are denied everything."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.artifacts.rule[0].filter[0].prefix == "runs/" && aws_s3_bucket_lifecycle_configuration.artifacts.rule[0].expiration[0].days == 30
    error_message = "Runs expire, and only runs."
  }
}

run "kept" {
  module {
    source = "./modules/storage"
  }

  variables {
    runs_expiration_days = null
  }

  assert {
    condition = (
      length(aws_s3_bucket_lifecycle_configuration.artifacts.rule[0].expiration) == 0
      && aws_s3_bucket_lifecycle_configuration.artifacts.rule[0].noncurrent_version_expiration[0].noncurrent_days == 1
      && aws_s3_bucket_lifecycle_configuration.artifacts.rule[1].abort_incomplete_multipart_upload[0].days_after_initiation == 1
    )
    error_message = "Runs are kept, but neither the versions that were replaced nor unfinished uploads."
  }
}

run "kms" {
  module {
    source = "./modules/storage"
  }

  variables {
    shared = {
      account_id               = "111122223333"
      dns_suffix               = "amazonaws.com"
      kms_key_arn              = "arn:aws:kms:ap-northeast-1:111122223333:key/1"
      log_retention_days       = 30
      name                     = "reviews"
      partition                = "aws"
      permissions_boundary_arn = null
      region                   = "ap-northeast-1"
      tags                     = {}
      vpc                      = null
    }
  }

  assert {
    condition = alltrue([
      for encryption in values(aws_s3_bucket_server_side_encryption_configuration.this) :
      one(encryption.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == "arn:aws:kms:ap-northeast-1:111122223333:key/1"
    ]) && length(aws_s3_bucket_server_side_encryption_configuration.this) == 2
    error_message = "The key encrypts both buckets."
  }
}

run "existing_bucket" {
  module {
    source = "./modules/storage"
  }

  variables {
    existing_input_bucket = { name = "exports" }
    manage_notification   = false
  }

  assert {
    condition     = keys(aws_s3_bucket.this) == ["artifacts"] && keys(aws_s3_bucket_policy.this) == ["artifacts"]
    error_message = "Nothing is made or changed of the bucket that exists."
  }

  assert {
    condition     = length(aws_s3_bucket_notification.input) == 0
    error_message = "Its notifications are left alone."
  }

  assert {
    condition     = output.input_bucket == { arn = "arn:aws:s3:::exports", name = "exports" }
    error_message = "It is the input bucket."
  }
}

run "existing_bucket_with_notification" {
  module {
    source = "./modules/storage"
  }

  variables {
    existing_input_bucket = { name = "exports" }
  }

  assert {
    condition     = aws_s3_bucket_notification.input[0].bucket == "exports" && aws_s3_bucket_notification.input[0].eventbridge
    error_message = "EventBridge is switched on where the module may."
  }
}
