# A file lands in S3, and by itself a trained model appears in S3:
#
#   storage ── object created ──► trigger ──► workflow ──► preprocess ──► training ──► storage
#                                                └── ended badly ──► announcement
#
# What the workflow does stands in statemachine.asl.json.tftpl, what it is told in statemachine.tf.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # What every part needs; each declares the attributes that it uses.
  shared = {
    account_id = data.aws_caller_identity.current.account_id
    dns_suffix = data.aws_partition.current.dns_suffix
    partition  = data.aws_partition.current.partition
    # `name` is deprecated from version 6 of the provider, which brings `region`; the endpoint holds it in both.
    region = lookup(data.aws_region.current, "region", split(".", data.aws_region.current.endpoint)[1])

    kms_key_arn              = var.kms_key_arn
    log_retention_days       = var.log_retention_days
    name                     = var.name
    permissions_boundary_arn = var.permissions_boundary_arn
    tags                     = var.tags
    vpc                      = var.vpc
  }

  input = {
    bucket_arn  = module.storage.input_bucket.arn
    kms_key_arn = try(var.input.bucket.kms_key_arn, null)
    prefix      = var.input.prefix
  }
}

module "storage" {
  source = "./modules/storage"

  existing_input_bucket = var.input.bucket
  force_destroy         = var.force_destroy
  manage_notification   = var.input.manage_notification
  runs_expiration_days  = var.runs_expiration_days
  shared                = local.shared
}

module "preprocess" {
  source = "./modules/preprocess"

  artifacts_bucket = module.storage.artifacts_bucket
  input            = local.input
  settings         = var.preprocess
  shared           = local.shared
}

module "training" {
  source = "./modules/training"

  artifacts_bucket = module.storage.artifacts_bucket
  shared           = local.shared
  training         = var.training
}

module "workflow" {
  source = "./modules/workflow"

  artifacts_bucket  = module.storage.artifacts_bucket
  definition        = local.definition
  function_arns     = [module.preprocess.preprocess.arn, module.preprocess.assemble.arn]
  input             = local.input
  shared            = local.shared
  training_role_arn = module.training.role_arn
}

module "trigger" {
  source = "./modules/trigger"

  input = {
    bucket   = module.storage.input_bucket.name
    marker   = var.input.marker
    prefix   = var.input.prefix
    suffixes = var.input.each_file ? var.input.suffixes : []
  }
  shared            = local.shared
  state_machine_arn = module.workflow.state_machine_arn
}

module "announcement" {
  source = "./modules/announcement"

  dead_letter_queue_arn = module.trigger.dead_letter_queue.arn
  shared                = local.shared
  state_machine_arn     = module.workflow.state_machine_arn
  topic                 = var.failure_topic
}
